import { ArrowDownToLine, FolderPlus, ScanLine, Trash2 } from 'lucide-react'
import { type LibraryItem, library } from '../../../contract/library.ts'
import { formatBytes } from '../../shared/format/bytes.ts'
import { toasts } from '../../shared/state/toasts.ts'
import { useText } from '../../shared/text.ts'
import { useAddToCrate } from '../../shared/track/add-to-crate.ts'
import { useStartDownload } from '../../shared/track/use-start-download.ts'
import { Button } from '../../shared/ui/button.tsx'
import { Menu, MenuItem } from '../../shared/ui/menu.tsx'
import { useCommand } from '../../shared/use-call.ts'

const ABSENT: ReadonlySet<string> = new Set(['cloud', 'missing', 'damaged'])

interface SelectionBarProps {
  readonly items: readonly LibraryItem[]
  readonly onClear: () => void
  readonly onRepair: () => void
}

/** What can be done with several tracks at once, and how many they are. */
export function SelectionBar({ items, onClear, onRepair }: SelectionBarProps) {
  const t = useText()
  const { crates, add } = useAddToCrate()
  const { start } = useStartDownload()
  const remove = useCommand(library.removeLocal, { refresh: [library.list] })
  const absent = items.filter(({ state }) => ABSENT.has(state))
  const present = items.filter(({ fileName }) => fileName !== null)
  const bytes = items.reduce((sum, { sizeBytes }) => sum + (sizeBytes ?? 0), 0)
  const download = (wanted: readonly LibraryItem[]): void => {
    for (const { source, title, artist, cover } of wanted) start({ ...source, title, artist, cover })
  }
  return (
    <section
      aria-label={t('Chosen tracks')}
      className="rise-in flex flex-wrap items-center gap-2 border-line border-t bg-raised px-4 py-2 md:px-6"
    >
      <p role="status" className="figures mr-2 text-sm">
        <span className="font-semibold">{t('{count} chosen', { count: items.length })}</span>{' '}
        <span className="text-muted">{formatBytes(bytes)}</span>
      </p>
      {absent.length > 0 && (
        <Button size="small" onClick={() => download(absent)}>
          <ArrowDownToLine size={16} strokeWidth={1.5} aria-hidden />
          {t('Download {count}', { count: absent.length })}
        </Button>
      )}
      {crates.length > 0 && (
        <Menu
          trigger={
            <Button size="small">
              <FolderPlus size={16} strokeWidth={1.5} aria-hidden />
              {t('Put into a crate')}
            </Button>
          }
        >
          {crates.map(({ id, name }) => (
            <MenuItem
              key={id}
              onSelect={() =>
                add(
                  id,
                  items.map(({ trackId }) => ({ contentType: 'track', contentId: trackId })),
                )
              }
            >
              {name}
            </MenuItem>
          ))}
        </Menu>
      )}
      {present.length > 0 && (
        <Button size="small" onClick={onRepair}>
          <ScanLine size={16} strokeWidth={1.5} aria-hidden />
          {t('Verify and repair…')}
        </Button>
      )}
      {present.length > 0 && (
        <Button
          size="small"
          kind="quiet"
          onClick={() => {
            for (const { trackId } of present) remove.mutate({ trackId })
            toasts.undoable(
              t('{count, plural, one {# file} other {# files}} removed; you still own them', { count: present.length }),
              t('Download again'),
              () => download(present),
            )
          }}
        >
          <Trash2 size={16} strokeWidth={1.5} aria-hidden />
          {t('Remove {count, plural, one {# file} other {# files}}', { count: present.length })}
        </Button>
      )}
      <div className="grow" />
      <Button size="small" kind="quiet" onClick={onClear}>
        {t('Clear')}
      </Button>
    </section>
  )
}
