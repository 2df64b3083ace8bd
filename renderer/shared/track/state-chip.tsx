import {
  ArrowDownToLine,
  CircleAlert,
  CircleCheck,
  CircleDashed,
  CirclePause,
  Clock,
  CloudDownload,
  FileQuestion,
  FileWarning,
  Hourglass,
  type LucideIcon,
  ScanLine,
  Sparkles,
  Star,
  Tag,
  Tags,
} from 'lucide-react'
import { useText } from '../text.ts'
import { classNames } from '../ui/class-names.ts'
import { Tooltip } from '../ui/tooltip.tsx'
import type { TrackState } from './track-state.ts'

interface Look {
  readonly word: string
  readonly icon: LucideIcon
  readonly colour: string
  readonly about: string
}

const look = (word: string, icon: LucideIcon, colour: string, about: string): Look => ({ word, icon, colour, about })

/** One glyph, one word and one colour for each state, everywhere. */
export const TRACK_LOOKS: Readonly<Record<TrackState, Look>> = {
  'for-sale': look('For sale', Tag, 'text-muted', 'You can buy this track.'),
  'fan-only': look('Fans only', Star, 'text-violet', 'For members of the DJ’s Super plan.'),
  'not-ready': look('Almost ready', Hourglass, 'text-amber', 'The store is still preparing the file.'),
  confirming: look('Confirming', Clock, 'text-amber', 'Your payment is being confirmed.'),
  'in-plan': look('In your plan', Sparkles, 'text-violet', 'Downloading takes one from your plan with this DJ.'),
  owned: look('Owned', CloudDownload, 'text-mint', 'Yours, and not on this computer yet.'),
  queued: look('Queued', CircleDashed, 'text-sky', 'Waits for its turn to download.'),
  downloading: look('Downloading', ArrowDownToLine, 'text-sky', 'On its way to this computer.'),
  waiting: look('Waiting', Clock, 'text-amber', 'Goes on by itself; the reason is under Downloads.'),
  paused: look('Paused', CirclePause, 'text-amber', 'You paused it; what is here stays.'),
  verifying: look('Verifying', ScanLine, 'text-sky', 'Compared with what the store sold.'),
  'needs-you': look('Needs you', CircleAlert, 'text-amber', 'Goes on when you have done what it asks under Downloads.'),
  failed: look('Failed', CircleAlert, 'text-coral', 'Trying again does not cure it; the reason is under Downloads.'),
  here: look('Here', CircleCheck, 'text-mint', 'On this computer, verified.'),
  retagged: look(
    'Re-tagged',
    Tags,
    'text-mint',
    'On this computer; another program changed its tags, its sound is as sold.',
  ),
  damaged: look('Damaged', FileWarning, 'text-coral', 'The file changed. Repair it: only what is broken is fetched.'),
  missing: look(
    'Missing',
    FileQuestion,
    'text-coral',
    'The file is not where it was. Bring it back, or connect its drive.',
  ),
}

interface StateChipProps {
  readonly state: TrackState
  /** Says more than the state's own word, where there is something to say. */
  readonly word?: string
  readonly detail?: string
  readonly className?: string
}

/** A state as glyph and word; hover or focus explains it. */
export function StateChip({ state, word: more, detail, className }: StateChipProps) {
  const t = useText()
  const { word, icon: Icon, colour, about } = TRACK_LOOKS[state]
  return (
    <Tooltip text={t(about)}>
      <span className={classNames('inline-flex items-center gap-1.5 whitespace-nowrap text-sm', colour, className)}>
        <Icon size={16} strokeWidth={1.5} aria-hidden />
        {more ?? t(word)}
        {detail !== undefined && <span className="figures">{detail}</span>}
      </span>
    </Tooltip>
  )
}
