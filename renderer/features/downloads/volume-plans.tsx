import { HardDrive, Unplug } from 'lucide-react'
import { delivery, type VolumePlan } from '../../../contract/delivery.ts'
import { formatBytes } from '../../shared/format/bytes.ts'
import { useText } from '../../shared/text.ts'
import { SpaceBar } from '../../shared/ui/space-bar.tsx'
import { useCall } from '../../shared/use-call.ts'

/** Drives that the rest of the queue does not fit on, or that are not connected; while all is well, one quiet line. */
export function VolumePlans() {
  const { data } = useCall(delivery.plan, {}, { keepsFormer: true })
  const volumes = data?.volumes.filter(({ downloads }) => downloads > 0) ?? []
  const troubled = volumes.filter(({ missingBytes, isConnected }) => missingBytes > 0 || !isConnected)
  if (volumes.length === 0) return null
  return troubled.length === 0 ? (
    <AllFits volumes={volumes} />
  ) : (
    <div className="flex flex-col gap-2">
      {troubled.map((volume) => (
        <Trouble key={`${volume.name} ${volume.isForCopies}`} volume={volume} />
      ))}
    </div>
  )
}

function AllFits({ volumes }: { volumes: readonly VolumePlan[] }) {
  const t = useText()
  return (
    <ul aria-label={t('Space')} className="figures flex flex-wrap gap-x-4 text-muted text-xs">
      {volumes.map(({ name, isForCopies, remainingBytes, freeBytes }) => (
        <li key={`${name} ${isForCopies}`}>
          {freeBytes === null
            ? t('{size} to come on {name}', { size: formatBytes(remainingBytes), name })
            : t('{size} to come, fits: {free} free on {name}', {
                size: formatBytes(remainingBytes),
                free: formatBytes(freeBytes),
                name,
              })}
        </li>
      ))}
    </ul>
  )
}

function Trouble({ volume }: { volume: VolumePlan }) {
  const t = useText()
  const { name, isForCopies, isConnected, downloads, remainingBytes, freeBytes, missingBytes } = volume
  const size = formatBytes(remainingBytes)
  const Icon = isConnected ? HardDrive : Unplug
  return (
    <section
      aria-label={t('Space on {name}', { name })}
      className="flex items-start gap-3 rounded-panel border border-line bg-panel p-4"
    >
      <Icon size={20} strokeWidth={1.5} className="mt-px shrink-0 text-amber" aria-hidden />
      <div className="flex min-w-0 grow flex-col gap-2">
        <p role="status" className="figures text-sm">
          <span className="font-medium text-amber">
            {isConnected
              ? t('{missing} do not fit on {name}.', { missing: formatBytes(missingBytes), name })
              : t('Drive {name} is not connected.', { name })}
          </span>{' '}
          <span className="text-muted">
            {isConnected
              ? isForCopies
                ? t('Crates there take what fits; sync them again when there is space.')
                : t('What fits comes first; the rest waits until there is space.')
              : t(
                  '{count, plural, one {# download waits} other {# downloads wait}} for it, {size}. Connect it and they go on where they were.',
                  { count: downloads, size },
                )}
          </span>
        </p>
        {isConnected && freeBytes !== null && (
          <>
            <SpaceBar neededBytes={remainingBytes} freeBytes={freeBytes} label={t('Space on {name}', { name })} />
            <p className="figures flex flex-wrap justify-between gap-x-4 text-muted text-xs">
              <span>
                {t('{size} to come in {count, plural, one {# download} other {# downloads}}', {
                  size,
                  count: downloads,
                })}
              </span>
              <span>{t('{size} free', { size: formatBytes(freeBytes) })}</span>
            </p>
          </>
        )}
      </div>
    </section>
  )
}
