import { TextCursorInput } from 'lucide-react'
import { useState } from 'react'
import { app } from '../../../contract/app.ts'
import { type Crate, crates } from '../../../contract/crates.ts'
import { FIELD_WORDS } from '../../shared/naming/template-fault.ts'
import { TemplateForm } from '../../shared/naming/template-form.tsx'
import { toasts } from '../../shared/state/toasts.ts'
import { useText } from '../../shared/text.ts'
import { Button } from '../../shared/ui/button.tsx'
import { useCall, useCommand } from '../../shared/use-call.ts'

/** By what the files of a crate are named: the template of the settings, or one of its own, changed in place. */
export function CrateFileNames({ crate }: { crate: Crate }) {
  const t = useText()
  const { id: crateId, name, fileNameTemplate: own, folder } = crate
  const [isOpen, setOpen] = useState(false)
  const { data: settings } = useCall(app.getSettings, {})
  const change = useCommand(crates.setFileNames, {
    refresh: [crates.list, crates.plan],
    onDone: (_, { template }) => {
      setOpen(false)
      const former = own
      toasts.undoable(
        template === null
          ? t('{name} names files as the settings say', { name })
          : t('{name} has a template of its own', { name }),
        t('Undo'),
        () => change.mutate({ crateId, template: former }),
      )
    },
  })
  const general = settings?.fileNameTemplate
  const template = own ?? general
  if (template === undefined) return null
  return (
    <section aria-label={t('File names')} className="rounded-panel border border-line px-4 py-3">
      <div className="flex flex-wrap items-center gap-x-4 gap-y-1">
        <TextCursorInput size={16} strokeWidth={1.5} className="shrink-0 text-muted" aria-hidden />
        <p className="min-w-0 grow basis-64 text-sm">
          <span className="text-muted">{t('Files are named')}</span>{' '}
          <code className="break-all font-mono text-xs">{template}</code>{' '}
          <span className="text-muted">{own === null ? t('as in the settings') : t('for this crate alone')}</span>
        </p>
        <Button size="small" kind="quiet" aria-expanded={isOpen} onClick={() => setOpen(!isOpen)}>
          {isOpen ? t('Close') : t('Change file names')}
        </Button>
      </div>
      {isOpen && (
        <div className="mt-3 flex flex-col gap-2">
          <p className="text-muted text-xs">
            {folder === null
              ? t('For the files of this crate. You can use {words}.', { words: FIELD_WORDS })
              : t('The next sync renames the files in the folder; nothing is fetched again. You can use {words}.', {
                  words: FIELD_WORDS,
                })}
          </p>
          <TemplateForm
            label={t('File names of {name}', { name })}
            value={template}
            crateId={crateId}
            isSaving={change.isPending}
            maySaveSame={own === null}
            onSave={(next) => change.mutate({ crateId, template: next })}
            actions={
              own !== null && (
                <Button disabled={change.isPending} onClick={() => change.mutate({ crateId, template: null })}>
                  {t('As in the settings')}
                </Button>
              )
            }
          />
        </div>
      )}
    </section>
  )
}
