import {
  createHashHistory,
  createRootRoute,
  createRoute,
  createRouter,
  type ErrorComponentProps,
  Outlet,
} from '@tanstack/react-router'
import { SearchX } from 'lucide-react'
import { CrateScreen } from '../features/crates/crate-screen.tsx'
import { CratesScreen } from '../features/crates/crates-screen.tsx'
import { DevicesScreen } from '../features/devices/devices-screen.tsx'
import { DownloadsScreen } from '../features/downloads/downloads-screen.tsx'
import { LibraryScreen } from '../features/library/library-screen.tsx'
import { SettingsScreen } from '../features/settings/settings-screen.tsx'
import { DjScreen } from '../features/store/dj-screen.tsx'
import { HomeScreen } from '../features/store/home-screen.tsx'
import { PackScreen } from '../features/store/pack-screen.tsx'
import { SearchScreen } from '../features/store/search-screen.tsx'
import { TrackScreen } from '../features/store/track-screen.tsx'
import { WelcomeScreen } from '../features/welcome/welcome-screen.tsx'
import { useText } from '../shared/text.ts'
import { EmptyState, ErrorState } from '../shared/ui/states.tsx'
import { Frame } from './frame.tsx'

const root = createRootRoute({ component: Outlet, notFoundComponent: NoSuchPlace, errorComponent: BrokenPlace })
const frame = createRoute({ getParentRoute: () => root, id: 'frame', component: Frame })

const home = createRoute({ getParentRoute: () => frame, path: '/', component: HomeScreen })
const search = createRoute({
  getParentRoute: () => frame,
  path: '/search',
  validateSearch: (given: Record<string, unknown>): { q?: string; sort?: string } => ({
    ...(typeof given['q'] === 'string' || typeof given['q'] === 'number' ? { q: String(given['q']) } : {}),
    ...(typeof given['sort'] === 'string' ? { sort: given['sort'] } : {}),
  }),
  component: function Search() {
    const { q, sort } = search.useSearch()
    return <SearchScreen text={q ?? ''} sort={sort ?? 'newest'} />
  },
})
const track = createRoute({
  getParentRoute: () => frame,
  path: '/track/$id',
  component: function Track() {
    return <TrackScreen trackId={track.useParams().id} />
  },
})
const pack = createRoute({
  getParentRoute: () => frame,
  path: '/pack/$id',
  component: function Pack() {
    return <PackScreen packId={pack.useParams().id} />
  },
})
const dj = createRoute({
  getParentRoute: () => frame,
  path: '/dj/$slug',
  component: function Dj() {
    return <DjScreen slug={dj.useParams().slug} />
  },
})
const library = createRoute({ getParentRoute: () => frame, path: '/library', component: LibraryScreen })
const downloads = createRoute({ getParentRoute: () => frame, path: '/downloads', component: DownloadsScreen })
const crates = createRoute({ getParentRoute: () => frame, path: '/crates', component: CratesScreen })
const crate = createRoute({
  getParentRoute: () => frame,
  path: '/crates/$id',
  component: function OneCrate() {
    const { id } = crate.useParams()
    return <CrateScreen key={id} crateId={id} />
  },
})
const devices = createRoute({ getParentRoute: () => frame, path: '/devices', component: DevicesScreen })
const settings = createRoute({ getParentRoute: () => frame, path: '/settings', component: SettingsScreen })
const welcome = createRoute({ getParentRoute: () => root, path: '/welcome', component: WelcomeScreen })

const tree = root.addChildren([
  frame.addChildren([home, search, track, pack, dj, library, downloads, crates, crate, devices, settings]),
  welcome,
])

/** The places of the app, in the fragment of the address. */
export function createAppRouter() {
  return createRouter({ routeTree: tree, history: createHashHistory(), scrollRestoration: false })
}

declare module '@tanstack/react-router' {
  interface Register {
    router: ReturnType<typeof createAppRouter>
  }
}

function NoSuchPlace() {
  const t = useText()
  return (
    <EmptyState icon={SearchX} title={t('There is nothing at this address')}>
      <a href="#/" className="text-mint underline">
        {t('Go to the store')}
      </a>
    </EmptyState>
  )
}

function BrokenPlace({ error, reset }: ErrorComponentProps) {
  return <ErrorState error={error} onRetry={reset} />
}
