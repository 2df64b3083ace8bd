import { Link } from '@tanstack/react-router'
import type { PackSummary } from '../../../contract/catalogue.ts'
import { formatLength } from '../../shared/format/time.ts'
import { useText } from '../../shared/text.ts'
import { Cover } from '../../shared/ui/cover.tsx'
import { PackAction } from './pack-action.tsx'

/** An album pack: cover, what is inside, and its one next step. */
export function PackCard({ pack }: { pack: PackSummary }) {
  const t = useText()
  return (
    <article className="flex items-center gap-4 rounded-panel border border-line bg-panel p-3">
      <Cover media={pack.cover} className="size-24" />
      <div className="flex min-w-0 grow flex-col gap-1">
        <Link
          to="/pack/$id"
          params={{ id: pack.id }}
          className="line-clamp-2 font-medium text-sm leading-6 hover:underline"
          title={pack.title}
        >
          {pack.title}
        </Link>
        <Link
          to="/dj/$slug"
          params={{ slug: pack.dj.slug }}
          className="truncate text-muted text-sm leading-6 hover:text-text"
        >
          {pack.dj.name}
        </Link>
        <div className="mt-1 flex flex-wrap items-center justify-between gap-2">
          <span className="figures text-muted text-xs">
            {t('{count, plural, one {# track} other {# tracks}}', { count: pack.trackCount })} ·{' '}
            {formatLength(pack.durationSeconds)}
          </span>
          <PackAction pack={pack} />
        </div>
      </div>
    </article>
  )
}
