import { crates } from '../../../contract/crates.ts'
import { errorText } from '../error-text.ts'
import { useText } from '../text.ts'
import { Skeleton } from '../ui/skeleton.tsx'
import { useCall } from '../use-call.ts'
import { useSettled } from './use-settled.ts'

const SETTLED_MS = 150

/** What a template that can be used makes of real tracks, and what becomes of files of one name. */
export function NamePreview({ template, crateId }: { template: string; crateId?: string | undefined }) {
  const t = useText()
  const settled = useSettled(template, SETTLED_MS)
  const { data, error } = useCall(
    crates.previewFileNames,
    { template: settled, ...(crateId !== undefined && { crateId }) },
    { keepsFormer: true },
  )
  if (data === undefined) {
    return error === null ? (
      <Skeleton className="h-4 w-56" />
    ) : (
      <p role="alert" className="text-coral text-xs">
        {t(errorText(error).what)}
      </p>
    )
  }
  const { isOwn, names, total, numbered, numberedExample } = data
  return (
    <div className="min-w-0 text-muted text-xs">
      <ul aria-label={t('How files will be named')} className="font-mono">
        {names.map((name) => (
          <li key={name} className="truncate" title={name}>
            {name}
          </li>
        ))}
      </ul>
      <p className="figures mt-0.5">
        {!isOwn && t('An example. ')}
        {total > names.length && t('And {count} more. ', { count: total - names.length })}
        {numberedExample === null
          ? t('Where a name is taken, the file gets a number.')
          : t('{count, plural, one {# name is} other {# names are}} taken and get a number: {example}', {
              count: numbered,
              example: numberedExample,
            })}
      </p>
    </div>
  )
}
