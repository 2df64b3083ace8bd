import { GripVertical, X } from 'lucide-react'
import { useRef, useState } from 'react'
import { type Crate, crates } from '../../../contract/crates.ts'
import { formatLength } from '../../shared/format/time.ts'
import { player } from '../../shared/state/player.ts'
import { toasts } from '../../shared/state/toasts.ts'
import { useText } from '../../shared/text.ts'
import { PlayButton } from '../../shared/track/play-button.tsx'
import { StateChip } from '../../shared/track/state-chip.tsx'
import type { TrackState } from '../../shared/track/track-state.ts'
import { itemToPlayable } from '../../shared/track/use-play.ts'
import { useLibraryIndex } from '../../shared/track/use-track-facts.ts'
import { classNames } from '../../shared/ui/class-names.ts'
import { Cover } from '../../shared/ui/cover.tsx'
import { IconButton } from '../../shared/ui/icon-button.tsx'
import { KeyBadge } from '../../shared/ui/key-badge.tsx'
import { patchAnswers, useCommand } from '../../shared/use-call.ts'

type Item = Crate['items'][number]

const STATE: Record<Item['state'], TrackState> = {
  'not-owned': 'for-sale',
  cloud: 'owned',
  downloading: 'downloading',
  here: 'here',
  synced: 'here',
}

/** The tracks of a crate in order: drag a handle, or move it with the arrow keys. */
export function CrateItems({ crate }: { crate: Crate }) {
  const t = useText()
  const { id: crateId, items, name } = crate
  const [dragged, setDragged] = useState<number | null>(null)
  const owned = useLibraryIndex()
  const voice = useRef<HTMLParagraphElement>(null)
  const setItems = useCommand(crates.setItems, {
    refresh: [crates.list, crates.plan],
    optimistic: (input, queries) =>
      patchAnswers(queries, crates.list, (list) => ({
        crates: list.crates.map((each) =>
          each.id === crateId
            ? {
                ...each,
                items: input.items.flatMap(({ contentId }) =>
                  each.items.filter((item) => item.contentId === contentId),
                ),
              }
            : each,
        ),
      })),
  })
  const save = (next: readonly Item[]): void =>
    setItems.mutate({ crateId, items: next.map(({ contentType, contentId }) => ({ contentType, contentId })) })

  const queue = items.flatMap(({ contentId }) => {
    const item = owned.get(contentId)
    const playable = item === undefined ? null : itemToPlayable(item)
    return playable === null ? [] : [playable]
  })
  const playable = new Set(queue.map(({ trackId }) => trackId))
  const play = (trackId: string): void =>
    player.played(
      queue,
      queue.findIndex((each) => each.trackId === trackId),
    )

  function move(from: number, to: number): void {
    const item = items[from]
    if (item === undefined || from === to) return
    const next = items.toSpliced(from, 1)
    next.splice(to, 0, item)
    save(next)
    if (voice.current !== null) {
      voice.current.textContent = t('{title} is now at place {place}', { title: item.title, place: to + 1 })
    }
  }
  function takeOut(index: number): void {
    const item = items[index]
    if (item === undefined) return
    save(items.toSpliced(index, 1))
    toasts.undoable(t('{title} was taken out of {name}', { title: item.title, name }), t('Undo'), () =>
      setItems.mutate({ crateId, items: items.map(({ contentType, contentId }) => ({ contentType, contentId })) }),
    )
  }

  return (
    <>
      <ol aria-label={t('Tracks in order')} className="border-line border-t">
        {items.map((item, index) => (
          <li
            key={item.contentId}
            onDragOver={(event) => {
              if (dragged !== null) event.preventDefault()
            }}
            onDrop={() => {
              if (dragged !== null) move(dragged, index)
              setDragged(null)
            }}
            className={classNames(
              'group flex h-11 items-center gap-3 border-line border-b text-sm hover:bg-panel',
              dragged === index && 'opacity-50',
            )}
          >
            <button
              type="button"
              draggable
              aria-label={t('Move {title}: place {place} of {count}. Use the arrow keys.', {
                title: item.title,
                place: index + 1,
                count: items.length,
              })}
              onDragStart={(event) => {
                event.dataTransfer.effectAllowed = 'move'
                setDragged(index)
              }}
              onDragEnd={() => setDragged(null)}
              onKeyDown={(event) => {
                const to = index + (event.key === 'ArrowUp' ? -1 : event.key === 'ArrowDown' ? 1 : 0)
                if (to === index || to < 0 || to >= items.length) return
                event.preventDefault()
                move(index, to)
              }}
              className="flex h-8 w-6 shrink-0 cursor-grab items-center justify-center rounded-control text-muted hover:text-text"
            >
              <GripVertical size={16} strokeWidth={1.5} aria-hidden />
            </button>
            <span className="figures w-6 shrink-0 text-right text-muted">{index + 1}</span>
            <span className="relative size-8 shrink-0">
              <Cover media={item.cover} className="size-8" />
              <PlayButton
                trackId={item.contentId}
                title={item.title}
                isDisabled={!playable.has(item.contentId)}
                onPlay={() => play(item.contentId)}
                className="absolute inset-0 m-auto size-7 bg-mint-fill text-on-mint opacity-0 focus-visible:opacity-100 group-hover:opacity-100 aria-pressed:opacity-100"
              />
            </span>
            <p className="min-w-0 flex-[4] truncate font-medium" title={item.title}>
              {item.title}
            </p>
            <p className="min-w-0 flex-[3] truncate text-muted max-md:hidden">{item.artist}</p>
            <span className="figures w-10 shrink-0 text-right text-muted">
              {item.bpm === null ? '–' : Math.round(item.bpm)}
            </span>
            <KeyBadge musicalKey={item.key} className="w-9 shrink-0" />
            <span className="figures w-12 shrink-0 text-right text-muted max-md:hidden">
              {item.durationSeconds === null ? '–' : formatLength(item.durationSeconds)}
            </span>
            <span className="flex w-36 shrink-0 items-center max-sm:w-28">
              <StateChip state={STATE[item.state]} {...(item.state === 'synced' ? { detail: t('· in folder') } : {})} />
            </span>
            <IconButton
              icon={X}
              size="small"
              label={t('Take {title} out', { title: item.title })}
              onClick={() => takeOut(index)}
            />
          </li>
        ))}
      </ol>
      <p ref={voice} aria-live="assertive" className="sr-only" />
    </>
  )
}
