import { useMemo } from 'react'
import type { PackSummary, TrackSummary } from '../../../contract/catalogue.ts'
import { type Download, delivery } from '../../../contract/delivery.ts'
import { type LibraryItem, type LocalState, library } from '../../../contract/library.ts'
import { useIsConfirming } from '../state/checkout.ts'
import { useCall } from '../use-call.ts'
import { useHasAccount } from '../use-session.ts'
import { type TrackState, trackStateOf } from './track-state.ts'

/** What the account owns, by track: for who asks for many; a row asks for its own with `useLibraryItem`, which makes no index of all. */
export function useLibraryIndex(): ReadonlyMap<string, LibraryItem> {
  const hasAccount = useHasAccount()
  const { data } = useCall(library.list, { sort: 'added' }, { isEnabled: hasAccount })
  return useMemo(() => new Map((data?.items ?? []).map((item) => [item.trackId, item])), [data])
}

/** One owned track; null while it is not known, and for what is not owned. */
export function useLibraryItem(trackId: string): LibraryItem | null {
  const hasAccount = useHasAccount()
  const { data } = useCall(library.list, { sort: 'added' }, { isEnabled: hasAccount })
  return useMemo(() => data?.items.find((item) => item.trackId === trackId) ?? null, [data, trackId])
}

function useDownloadOf(contentId: string): Download | null {
  const hasAccount = useHasAccount()
  const { data } = useCall(delivery.list, {}, { isEnabled: hasAccount })
  return useMemo(
    () => data?.downloads.find(({ content }) => content.contentId === contentId) ?? null,
    [data, contentId],
  )
}

/** The download of an owned track, by itself or with its pack; null when there is none. */
export function useItemDownload({ trackId, source, state }: LibraryItem): Download | null {
  const own = useDownloadOf(trackId)
  const ofSource = useDownloadOf(source.contentId)
  return own ?? (isSound(state) ? null : ofSource)
}

/** A pack that comes again for a broken track says nothing of the others. */
function isSound(state: LocalState | undefined): boolean {
  return state === 'here' || state === 'retagged'
}

export interface TrackFacts {
  readonly state: TrackState
  readonly download: Download | null
  readonly item: LibraryItem | null
}

/** What a track is to the user now. */
export function useTrackFacts(track: TrackSummary): TrackFacts {
  const item = useLibraryItem(track.id)
  const own = useDownloadOf(track.id)
  const ofPack = useDownloadOf(item?.source.contentId ?? track.id)
  const isConfirming = useIsConfirming(track.id)
  const download = own ?? (isSound(item?.state) ? null : ofPack)
  const state = trackStateOf({
    access: track.access,
    isFanOnly: track.isFanOnly,
    isReady: track.isReady,
    isConfirming,
    local: item?.state ?? null,
    download: download?.status ?? null,
  })
  return { state, download, item }
}

/** What a pack is to the user now. */
export function usePackFacts(pack: PackSummary): { state: TrackState; download: Download | null } {
  const download = useDownloadOf(pack.id)
  const isConfirming = useIsConfirming(pack.id)
  const { access, isFanOnly, isReady } = pack
  return {
    state: trackStateOf({ access, isFanOnly, isReady, isConfirming, local: null, download: download?.status ?? null }),
    download,
  }
}
