import { Link } from '@tanstack/react-router'
import type { ReactNode } from 'react'
import type { LibraryItem } from '../../../contract/library.ts'
import { formatBytes } from '../../shared/format/bytes.ts'
import { formatDate, formatLength } from '../../shared/format/time.ts'
import { useText } from '../../shared/text.ts'
import { formatHere } from '../../shared/track/format-words.ts'
import { StateChip } from '../../shared/track/state-chip.tsx'
import { TrackAction } from '../../shared/track/track-action.tsx'
import { Button } from '../../shared/ui/button.tsx'
import { Cover } from '../../shared/ui/cover.tsx'
import { KeyBadge } from '../../shared/ui/key-badge.tsx'
import { Waveform } from '../../shared/ui/waveform.tsx'
import { FormatList } from './format-list.tsx'
import { useRemoveFile } from './use-remove-file.ts'

const ACCESS_WORD = { purchase: 'Bought', fan_entitlement: 'Granted by the DJ', subscription: 'From a plan' } as const

/** Everything about one owned track: what its file says and where it is. */
export function Inspector({ item }: { item: LibraryItem }) {
  const t = useText()
  const removeFile = useRemoveFile(item)
  const { state, tags } = item
  const format = formatHere(item) ?? item.format
  const sizeBytes = item.formats.find((each) => each.format === format)?.sizeBytes ?? item.sizeBytes
  const rows: readonly (readonly [string, ReactNode])[] = [
    [t('BPM'), item.bpm === null ? null : Math.round(item.bpm)],
    [t('Key'), item.key === null ? null : <KeyBadge key="key" musicalKey={item.key} />],
    [t('Length'), item.durationSeconds === null ? null : formatLength(item.durationSeconds)],
    [t('Genre'), item.genre],
    [t('Album'), tags?.album ?? item.album],
    [t('Format'), format?.toUpperCase() ?? null],
    [t('Size'), sizeBytes === null ? null : formatBytes(sizeBytes)],
    [t(ACCESS_WORD[item.access]), formatDate(item.ownedSince)],
  ]
  return (
    <aside
      aria-label={t('About the chosen track')}
      className="panel-in w-80 shrink-0 overflow-y-auto border-line border-l bg-panel p-5 max-lg:hidden"
    >
      <div className="flex flex-col gap-4">
        <Cover media={item.cover} className="w-full" />
        <Waveform media={item.peaks} className="h-8 w-full" />
        <div>
          <h2 className="break-words font-semibold text-lg">{item.title}</h2>
          <p className="text-muted text-sm">{item.artist}</p>
        </div>
        <StateChip state={state === 'cloud' ? 'owned' : state} />
        <dl className="figures grid grid-cols-[auto_1fr] gap-x-4 gap-y-1.5 text-sm">
          {rows
            .filter(([, value]) => value !== null)
            .map(([word, value]) => (
              <div key={word} className="contents">
                <dt className="text-muted">{word}</dt>
                <dd className="text-right">{value}</dd>
              </div>
            ))}
        </dl>
        <FormatList item={item} />
        {tags !== null && (
          <section className="border-line border-t pt-3 text-sm">
            <h3 className="mb-1 text-muted text-xs">{t('Tags in the file')}</h3>
            <p className="break-words">
              {[tags.title, tags.artist, tags.album].filter((tag) => tag !== null).join(' · ') || t('None')}
              {tags.hasCover && <span className="text-muted"> · {t('with cover')}</span>}
            </p>
          </section>
        )}
        {item.fileName !== null && (
          <section className="border-line border-t pt-3 text-sm">
            <h3 className="mb-1 text-muted text-xs">{t('File in the library folder')}</h3>
            <p className="break-all font-mono text-xs">{item.fileName}</p>
          </section>
        )}
        <div className="flex flex-wrap gap-2">
          {item.track !== null && <TrackAction track={item.track} size="medium" />}
          {item.fileName !== null && (
            <Button kind="quiet" onClick={removeFile}>
              {t('Remove file')}
            </Button>
          )}
        </div>
        <Link to="/track/$id" params={{ id: item.trackId }} className="text-muted text-sm underline hover:text-text">
          {t('Show in the store')}
        </Link>
      </div>
    </aside>
  )
}
