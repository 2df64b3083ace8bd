import { Link } from '@tanstack/react-router'
import { Laptop, Monitor, Pencil } from 'lucide-react'
import { type FormEvent, useState } from 'react'
import { type Device, identity } from '../../../contract/identity.ts'
import { formatDate, formatSince } from '../../shared/format/time.ts'
import { SignedInOnly } from '../../shared/signed-in-only.tsx'
import { toasts } from '../../shared/state/toasts.ts'
import { useText } from '../../shared/text.ts'
import { Button, buttonClass } from '../../shared/ui/button.tsx'
import { Field } from '../../shared/ui/field.tsx'
import { IconButton } from '../../shared/ui/icon-button.tsx'
import { SkeletonRows } from '../../shared/ui/skeleton.tsx'
import { EmptyState, ErrorState } from '../../shared/ui/states.tsx'
import { patchAnswers, useCall, useCommand } from '../../shared/use-call.ts'
import { fingerprintWords } from './fingerprint-words.ts'
import { useRevoke } from './use-revoke.ts'

const PLATFORM = { linux: 'Linux', macos: 'macOS', windows: 'Windows' } as const

/** The devices of the account, this one first. */
export function DevicesScreen() {
  const t = useText()
  return (
    <SignedInOnly title={t('Sign in to see your devices')}>
      <Devices />
    </SignedInOnly>
  )
}

function Devices() {
  const t = useText()
  const { data, error, refetch } = useCall(identity.listDevices, {})
  const { leaving, revoke } = useRevoke()
  if (data === undefined) {
    return error === null ? (
      <div role="status" aria-label={t('Your devices are loading')} className="p-6">
        <SkeletonRows count={3} className="h-20" />
      </div>
    ) : (
      <ErrorState error={error} onRetry={() => void refetch()} />
    )
  }
  const { limit, thisDeviceId } = data
  const present = data.devices.filter(({ id, revokedAt }) => revokedAt === null && !leaving.has(id))
  const counted = present.filter(({ kind }) => kind === 'persistent').length
  const isHere = (device: Device): boolean => device.id === thisDeviceId
  const ordered = [...present.filter(isHere), ...present.filter((device) => !isHere(device))]
  return (
    <div className="mx-auto flex max-w-200 flex-col gap-6 px-4 pt-5 pb-12 md:px-6">
      <header className="flex flex-col gap-3">
        <div className="flex items-baseline gap-3">
          <h1 className="font-semibold text-xl">{t('Devices')}</h1>
          <p role="status" className="figures text-muted text-sm">
            {t('{count} of {limit} in use', { count: counted, limit })}
          </p>
        </div>
        <div className="flex gap-1" aria-hidden>
          {Array.from({ length: limit }, (_, slot) => (
            // biome-ignore lint/suspicious/noArrayIndexKey: the slots are all alike and never move.
            <span key={slot} className={`h-1.5 w-12 rounded-full ${slot < counted ? 'bg-mint' : 'bg-raised'}`} />
          ))}
        </div>
        <p className="max-w-[68ch] text-muted text-sm">
          {t(
            'Only these computers can download what you own. Each has a key that never leaves it; its words let you recognise it.',
          )}
        </p>
      </header>
      <ul className="flex flex-col gap-2">
        {ordered.map((device) => (
          <DeviceCard key={device.id} device={device} isThisOne={isHere(device)} onRevoke={() => revoke(device)} />
        ))}
      </ul>
      {thisDeviceId === null && (
        <EmptyState
          isPart
          icon={Monitor}
          title={t('This computer is not registered')}
          actions={
            <Link to="/welcome" className={buttonClass('primary')}>
              {t('Register this computer')}
            </Link>
          }
        >
          {t('Register it to download here.')}
        </EmptyState>
      )}
    </div>
  )
}

function DeviceCard({ device, isThisOne, onRevoke }: { device: Device; isThisOne: boolean; onRevoke: () => void }) {
  const t = useText()
  const [isNaming, setNaming] = useState(false)
  const { id, name, platform, kind, lastSeenAt, createdAt, thumbprint } = device
  const rename = useCommand(identity.renameDevice, {
    refresh: [identity.listDevices, identity.state],
    optimistic: (input, queries) =>
      patchAnswers(queries, identity.listDevices, (list) => ({
        ...list,
        devices: list.devices.map((each) => (each.id === input.deviceId ? { ...each, name: input.name } : each)),
      })),
    onDone: ({ name: now }) => toasts.told(t('Now called {name}', { name: now })),
  })
  function submit(event: FormEvent<HTMLFormElement>): void {
    event.preventDefault()
    const next = String(new FormData(event.currentTarget).get('name') ?? '').trim()
    setNaming(false)
    if (next !== '' && next !== name) rename.mutate({ deviceId: id, name: next })
  }
  return (
    <li
      aria-label={name}
      className={`flex flex-wrap items-center gap-4 rounded-panel border bg-panel p-4 ${isThisOne ? 'border-mint' : 'border-line'}`}
    >
      <Laptop size={20} strokeWidth={1.5} className={isThisOne ? 'text-mint' : 'text-muted'} aria-hidden />
      <div className="min-w-0 grow">
        {isNaming ? (
          <form onSubmit={submit} className="flex items-end gap-2">
            <Field
              label={t('Name of the device')}
              isLabelHidden
              name="name"
              defaultValue={name}
              maxLength={80}
              autoFocus
            />
            <Button type="submit">{t('Save')}</Button>
          </form>
        ) : (
          <p className="flex items-center gap-1 font-medium">
            <span className="truncate">{name}</span>
            {isThisOne && (
              <span className="ml-2 rounded-full bg-mint-wash px-2 py-0.5 font-medium text-mint text-xs">
                {t('This computer')}
              </span>
            )}
            <IconButton
              icon={Pencil}
              size="small"
              label={t('Rename {name}', { name })}
              onClick={() => setNaming(true)}
            />
          </p>
        )}
        <p className="text-muted text-sm">
          {PLATFORM[platform]}
          {kind === 'session' && ` · ${t('for this session only')}`} ·{' '}
          {isThisOne
            ? t('in use now')
            : lastSeenAt === null
              ? t('never used')
              : t('used {when}', { when: formatSince(lastSeenAt, Date.now()) })}{' '}
          · {t('since {date}', { date: formatDate(createdAt) })}
        </p>
        <p className="font-mono text-muted text-xs">
          <span className="sr-only">{t('Key:')} </span>
          {fingerprintWords(thumbprint)}
        </p>
      </div>
      {!isThisOne && (
        <Button kind="secondary" aria-label={t('Remove {name}', { name })} onClick={onRevoke}>
          {t('Remove')}
        </Button>
      )}
    </li>
  )
}
