import { useNavigate } from '@tanstack/react-router'
import { Disc3, Ellipsis, FolderPlus, Search, UserRound } from 'lucide-react'
import type { TrackSummary } from '../../../contract/catalogue.ts'
import { useText } from '../text.ts'
import { IconButton } from '../ui/icon-button.tsx'
import { Menu, MenuHeading, MenuItem, MenuLine } from '../ui/menu.tsx'
import { useAddToCrate } from './add-to-crate.ts'

/** Everything else that can be done with a track. */
export function TrackMenu({ track }: { track: TrackSummary }) {
  const t = useText()
  const navigate = useNavigate()
  const { crates, add } = useAddToCrate()
  const { key, bpm } = track
  return (
    <Menu trigger={<IconButton icon={Ellipsis} size="small" label={t('More for {title}', { title: track.title })} />}>
      <MenuItem icon={Disc3} onSelect={() => void navigate({ to: '/track/$id', params: { id: track.id } })}>
        {t('Open track')}
      </MenuItem>
      <MenuItem icon={UserRound} onSelect={() => void navigate({ to: '/dj/$slug', params: { slug: track.dj.slug } })}>
        {t('Open {name}', { name: track.dj.name })}
      </MenuItem>
      {key !== null && bpm !== null && (
        <MenuItem
          icon={Search}
          onSelect={() =>
            void navigate({
              to: '/search',
              search: { q: `key:~${key} bpm:${Math.round(bpm * 0.97)}-${Math.round(bpm * 1.03)}` },
            })
          }
        >
          {t('Find what mixes with it')}
        </MenuItem>
      )}
      {crates.length > 0 && (
        <>
          <MenuLine />
          <MenuHeading>{t('Put into a crate')}</MenuHeading>
          {crates.map(({ id, name }) => (
            <MenuItem
              key={id}
              icon={FolderPlus}
              onSelect={() => add(id, [{ contentType: 'track', contentId: track.id }])}
            >
              {name}
            </MenuItem>
          ))}
        </>
      )}
    </Menu>
  )
}
