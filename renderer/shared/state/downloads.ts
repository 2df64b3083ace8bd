import { create } from 'zustand'
import type { Download } from '../../../contract/delivery.ts'

interface Progress {
  readonly byId: Readonly<Record<string, Download>>
}

const useStore = create<Progress>(() => ({ byId: {} }))

/** What the core tells about downloads between two lists. */
export const downloadProgress = {
  arrived: (download: Download): void =>
    useStore.setState(({ byId }) => ({ byId: { ...byId, [download.id]: download } })),
  /** The list has taken over what was told of it. */
  taken: (id: string): void =>
    useStore.setState(({ byId }) => (byId[id] === undefined ? {} : { byId: omit(byId, id) })),
  /** A list was answered. Of what was told before, only what says the same state is still true; the rest went by unseen. */
  listed: (downloads: readonly Download[]): void =>
    useStore.setState(({ byId }) => ({
      byId: Object.fromEntries(
        downloads.flatMap(({ id, status }) => {
          const told = byId[id]
          return told?.status === status ? [[id, told]] : []
        }),
      ),
    })),
  forgotten: (): void => useStore.setState({ byId: {} }),
}

function omit(byId: Progress['byId'], id: string): Progress['byId'] {
  const { [id]: _, ...others } = byId
  return others
}

/** The newest that is known of a listed download. */
export const useFreshDownload = (listed: Download): Download => useStore(({ byId }) => byId[listed.id] ?? listed)

/** Bytes per second of all of these together, as far as they still move. */
export const useTotalSpeed = (listed: readonly Download[]): number =>
  useStore(({ byId }) =>
    listed.reduce((sum, download) => {
      const { status, bytesPerSecond } = byId[download.id] ?? download
      return status === 'downloading' ? sum + (bytesPerSecond ?? 0) : sum
    }, 0),
  )
