import { Link } from '@tanstack/react-router'
import type { DjSummary } from '../../../contract/catalogue.ts'
import { Cover } from '../../shared/ui/cover.tsx'

/** A DJ as a round portrait. */
export function DjPortrait({ dj }: { dj: DjSummary }) {
  return (
    <Link
      to="/dj/$slug"
      params={{ slug: dj.slug }}
      className="group flex flex-col items-center gap-2 rounded-panel py-2 text-center"
    >
      <Cover
        media={dj.portrait}
        isRound
        className="w-24 border-2 border-line transition-colors group-hover:border-mint"
      />
      <span className="line-clamp-2 text-sm group-hover:underline">{dj.name}</span>
    </Link>
  )
}
