import { useNavigate } from '@tanstack/react-router'
import { app, type Settings } from '../../../contract/app.ts'
import { identity } from '../../../contract/identity.ts'
import { useFolderChoice } from '../../shared/folders/use-folder-choice.tsx'
import { FIELD_WORDS } from '../../shared/naming/template-fault.ts'
import { TemplateForm } from '../../shared/naming/template-form.tsx'
import { forgetToBrowse } from '../../shared/state/browsing.ts'
import { toasts } from '../../shared/state/toasts.ts'
import { useText } from '../../shared/text.ts'
import { Button } from '../../shared/ui/button.tsx'
import { useCall, useCommand } from '../../shared/use-call.ts'
import { useSession } from '../../shared/use-session.ts'
import { Choice, Switch } from './controls.tsx'
import { ForgetDevice } from './forget-device.tsx'
import type { Section } from './section.ts'
import { speedSection } from './speed-section.tsx'

/** Every setting there is, with its words and its control. */
export function useSettingSections(settings: Settings, change: (patch: Partial<Settings>) => void): readonly Section[] {
  const t = useText()
  const navigate = useNavigate()
  const session = useSession()
  const { data: status } = useCall(app.status, {})
  const setLibrary = useCommand(app.setLibraryFolder, {
    refresh: [app.status],
    onDone: () => toasts.told(t('New files go there from now on')),
  })
  const { ask, dialog } = useFolderChoice(t('Library folder'), ({ id }) => setLibrary.mutate({ folderId: id }))
  const signOut = useCommand(identity.signOut, {
    answers: identity.state,
    onDone: () => {
      forgetToBrowse()
      void navigate({ to: '/welcome' })
    },
  })
  const numbers = (from: number, to: number): [string, string][] =>
    Array.from({ length: to - from + 1 }, (_, index) => [String(from + index), String(from + index)])
  const account = session?.status === 'signed-out' ? null : (session?.account ?? null)

  return [
    {
      id: 'appearance',
      title: t('Appearance'),
      rows: [
        {
          word: t('Theme'),
          about: t('High contrast follows the setting of your system.'),
          control: (
            <Choice
              label={t('Theme')}
              value={settings.theme}
              options={[
                ['system', t('As the system')],
                ['dark', t('Dark')],
                ['light', t('Light')],
              ]}
              onChoose={(theme) => change({ theme: theme as Settings['theme'] })}
            />
          ),
        },
      ],
    },
    {
      id: 'library',
      title: t('Library'),
      rows: [
        {
          word: t('Library folder'),
          about: status?.libraryFolder ?? '…',
          control: (
            <>
              <Button onClick={ask}>{t('Choose another folder')}</Button>
              {dialog}
            </>
          ),
        },
        {
          word: t('File names'),
          about: t('For files that come from now on; a crate can have its own. You can use {words}.', {
            words: FIELD_WORDS,
          }),
          control: (
            <TemplateForm
              label={t('File names')}
              value={settings.fileNameTemplate}
              onSave={(fileNameTemplate) => change({ fileNameTemplate })}
            />
          ),
        },
        {
          word: t('Keep the zip of an album pack'),
          about: t('The tracks are taken out of it either way.'),
          control: (
            <Switch
              label={t('Keep the zip of an album pack')}
              isOn={settings.keepPackZips}
              onChange={(keepPackZips) => change({ keepPackZips })}
            />
          ),
        },
      ],
    },
    {
      id: 'downloads',
      title: t('Downloads'),
      rows: [
        {
          word: t('Download after buying'),
          about: t('As soon as the payment is confirmed.'),
          control: (
            <Switch
              label={t('Download after buying')}
              isOn={settings.downloadAfterPurchase}
              onChange={(downloadAfterPurchase) => change({ downloadAfterPurchase })}
            />
          ),
        },
        {
          word: t('Files at once'),
          about: t('More are faster on good lines; fewer finish one after another.'),
          control: (
            <Choice
              label={t('Files at once')}
              value={String(settings.parallelDownloads)}
              options={numbers(1, 6)}
              onChoose={(value) => change({ parallelDownloads: Number(value) })}
            />
          ),
        },
        {
          word: t('Connections for one file'),
          about: t('Parts of a file that come at the same time.'),
          control: (
            <Choice
              label={t('Connections for one file')}
              value={String(settings.connectionsPerFile)}
              options={numbers(1, 8)}
              onChoose={(value) => change({ connectionsPerFile: Number(value) })}
            />
          ),
        },
        {
          word: t('Keep the computer awake'),
          about: t('While something downloads. The screen may still go dark.'),
          control: (
            <Switch
              label={t('Keep the computer awake')}
              isOn={settings.keepAwake}
              onChange={(keepAwake) => change({ keepAwake })}
            />
          ),
        },
        {
          word: t('When the queue has run empty'),
          about: t('When nothing is left that could download.'),
          control: (
            <Choice
              label={t('When the queue has run empty')}
              value={settings.afterQueue}
              options={[
                ['nothing', t('Do nothing')],
                ['sleep', t('Send the computer to sleep')],
              ]}
              onChoose={(afterQueue) => change({ afterQueue: afterQueue as Settings['afterQueue'] })}
            />
          ),
        },
      ],
    },
    speedSection(t, settings, change),
    ...(account === null
      ? []
      : [
          {
            id: 'account',
            title: t('Account'),
            rows: [
              {
                word: account.email,
                about: t('Signing out leaves your files where they are.'),
                control: <Button onClick={() => signOut.mutate({})}>{t('Sign out')}</Button>,
              },
              {
                word: t('Forget this computer'),
                about: t('Deletes its key, frees its place among your devices, and signs out. Your files stay.'),
                control: <ForgetDevice />,
              },
            ],
          },
        ]),
    {
      id: 'about',
      title: t('About'),
      rows: [
        ...(session?.secretNotice == null
          ? []
          : [{ word: t('How your sign-in is kept'), about: session.secretNotice, control: null }]),
        { word: t('Version'), about: status === undefined ? '…' : `MixMint ${status.version}`, control: null },
        { word: t('Store'), about: status?.serverAddress ?? t('not known yet'), control: null },
      ],
    },
  ]
}
