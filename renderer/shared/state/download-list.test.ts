import { describe, expect, it } from 'vitest'
import type { Output } from '../../../contract/call.ts'
import type { Download, DownloadStatus, delivery } from '../../../contract/delivery.ts'
import { withDownload } from './download-list.ts'
import { queuedDownload } from './queued-download.ts'

function download(name: string, status: DownloadStatus, position: number): Download {
  const content = { contentType: 'track' as const, contentId: `content ${name}` }
  const asked = { content, title: name, artist: '', cover: null, format: null }
  return { ...queuedDownload(asked, '2026-01-01T00:00:00.000Z'), id: name, status, position }
}

const list: Output<typeof delivery.list> = {
  downloads: [
    download('a', 'downloading', 0),
    download('b', 'queued', 1),
    download('c', 'paused', 2),
    download('old', 'done', 3),
  ],
  isPaused: false,
  bytesPerSecond: 0,
  limit: { bytesPerSecond: null, source: 'none', until: null },
  asksAboutMetered: false,
}
const shown = (after: typeof list) => after.downloads.map(({ id, status }) => `${id} ${status}`)
const inOrder = (after: typeof list) =>
  after.downloads
    .filter(({ status }) => status !== 'done' && status !== 'cancelled')
    .sort((left, right) => left.position - right.position)
    .map(({ id }) => id)

describe('DL6: the list follows what is told of one download without being asked again', () => {
  it('a change of state stays at its place, and leaves every other entry the same object', () => {
    const after = withDownload(list, download('b', 'preparing', 0))
    expect(shown(after)).toEqual(['a downloading', 'b preparing', 'c paused', 'old done'])
    expect(inOrder(after)).toEqual(['a', 'b', 'c'])
    expect([0, 2, 3].map((at) => after.downloads[at] === list.downloads[at])).toEqual([true, true, true])
  })

  it('what ends comes first in the history; what begins again comes last in the queue', () => {
    const ended = withDownload(list, download('a', 'done', 3))
    expect(shown(ended)).toEqual(['b queued', 'c paused', 'a done', 'old done'])
    const again = withDownload(ended, download('old', 'queued', 2))
    expect(shown(again)).toEqual(['b queued', 'c paused', 'old queued', 'a done'])
    expect(inOrder(again)).toEqual(['b', 'c', 'old'])
  })

  it('what is new comes last, though places have moved since the list was asked for', () => {
    let after = withDownload(list, download('a', 'done', 2))
    after = withDownload(after, download('new', 'queued', 2))
    expect(inOrder(after)).toEqual(['b', 'c', 'new'])
    expect(shown(withDownload({ ...list, downloads: [] }, download('new', 'queued', 0)))).toEqual(['new queued'])
  })

  it('takes the place of what stood in for it until the core answered', () => {
    const standIn = { ...download('new', 'queued', 3), id: 'content new' }
    const waiting = { ...list, downloads: list.downloads.toSpliced(3, 0, standIn) }
    expect(shown(withDownload(waiting, download('new', 'preparing', 3)))).toEqual([
      'a downloading',
      'b queued',
      'c paused',
      'new preparing',
      'old done',
    ])
  })
})
