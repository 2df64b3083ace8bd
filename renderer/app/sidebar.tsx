import { Link } from '@tanstack/react-router'
import {
  ArrowDownToLine,
  Box,
  Boxes,
  LibraryBig,
  type LucideIcon,
  MonitorSmartphone,
  Settings,
  Store,
} from 'lucide-react'
import { crates } from '../../contract/crates.ts'
import { delivery } from '../../contract/delivery.ts'
import { useText } from '../shared/text.ts'
import { classNames } from '../shared/ui/class-names.ts'
import { Logo } from '../shared/ui/logo.tsx'
import { useCall } from '../shared/use-call.ts'
import { useHasAccount } from '../shared/use-session.ts'

type Shape = 'fitting' | 'wide'
type Place = '/' | '/library' | '/downloads' | '/crates' | '/devices' | '/settings'

const ENDED: ReadonlySet<string> = new Set(['done', 'failed', 'cancelled', 'ended'])
const LINK =
  'flex h-9 items-center gap-3 rounded-control px-3 text-sm text-muted transition-colors hover:bg-hover hover:text-text'
const HERE = { className: 'bg-raised! text-text! font-medium', 'aria-current': 'page' } as const

/** The places of the app; `fitting` shows icons alone where the window is narrow. */
export function Sidebar({ shape }: { shape: Shape }) {
  const t = useText()
  const hasAccount = useHasAccount()
  const { data: queue } = useCall(delivery.list, {}, { isEnabled: hasAccount })
  const { data: list } = useCall(crates.list, {}, { isEnabled: hasAccount })
  const underWay = queue?.downloads.filter(({ status }) => !ENDED.has(status)).length ?? 0
  const wordClass = shape === 'fitting' ? 'sr-only md:not-sr-only md:truncate' : 'truncate'
  return (
    <nav aria-label={t('Places')} className="flex h-full flex-col gap-1 overflow-y-auto p-3">
      <Link to="/" className="mb-3 flex h-9 items-center rounded-control px-2">
        {shape === 'wide' ? (
          <Logo />
        ) : (
          <>
            <Logo isMarkOnly className="md:hidden" />
            <Logo className="max-md:hidden" />
          </>
        )}
      </Link>
      <PlaceLink to="/" icon={Store} word={t('Store')} wordClass={wordClass} />
      <PlaceLink to="/library" icon={LibraryBig} word={t('Library')} wordClass={wordClass} />
      <PlaceLink
        to="/downloads"
        icon={ArrowDownToLine}
        word={t('Downloads')}
        wordClass={wordClass}
        count={underWay}
        countAbout={t('{count} under way', { count: underWay })}
      />
      <PlaceLink to="/crates" icon={Boxes} word={t('Crates')} wordClass={wordClass} />
      <ul className={classNames('flex flex-col gap-px', shape === 'fitting' && 'max-md:hidden')}>
        {list?.crates.map(({ id, name, items }) => (
          <li key={id}>
            <Link to="/crates/$id" params={{ id }} className={classNames(LINK, 'h-8 pl-6')} activeProps={HERE}>
              <Box size={16} strokeWidth={1.5} className="shrink-0" aria-hidden />
              <span className="min-w-0 grow truncate">{name}</span>
              <span className="figures text-muted text-xs" aria-hidden>
                {items.length}
              </span>
            </Link>
          </li>
        ))}
      </ul>
      <div className="grow" />
      <PlaceLink to="/devices" icon={MonitorSmartphone} word={t('Devices')} wordClass={wordClass} />
      <PlaceLink to="/settings" icon={Settings} word={t('Settings')} wordClass={wordClass} />
    </nav>
  )
}

interface PlaceLinkProps {
  readonly to: Place
  readonly icon: LucideIcon
  readonly word: string
  readonly wordClass: string
  readonly count?: number
  readonly countAbout?: string
}

function PlaceLink({ to, icon: Icon, word, wordClass, count = 0, countAbout = '' }: PlaceLinkProps) {
  return (
    <Link to={to} className={classNames(LINK, 'relative')} activeProps={HERE} activeOptions={{ exact: true }}>
      <Icon size={20} strokeWidth={1.5} className="shrink-0" aria-hidden />
      <span className={classNames('grow', wordClass)}>{word}</span>
      {count > 0 && (
        <span className="figures rounded-full bg-raised px-1.5 text-sky text-xs max-md:absolute max-md:top-0 max-md:right-0">
          <span aria-hidden>{count.toLocaleString()}</span>
          <span className="sr-only">, {countAbout}</span>
        </span>
      )}
    </Link>
  )
}
