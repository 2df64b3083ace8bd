import { QueryObserver } from '@tanstack/react-query'
import { afterEach, expect, it } from 'vitest'
import type { Output } from '../../contract/call.ts'
import { type Download, type DownloadStatus, delivery } from '../../contract/delivery.ts'
import type { CoreEvent } from '../../contract/events.ts'
import { queuedDownload } from '../shared/state/queued-download.ts'
import { createQueries } from '../shared/use-call.ts'
import { followEvents } from './events.ts'

type List = Output<typeof delivery.list>

const ID = '5f0d1c7e-3c7a-4f53-9a55-0a8f5c7c3b11'

function download(status: DownloadStatus): Download {
  const content = { contentType: 'track' as const, contentId: ID }
  const asked = { content, title: 'Tide', artist: 'Nia', cover: null, format: null }
  return { ...queuedDownload(asked, '2026-01-01T00:00:00.000Z'), status }
}

const list = (status: DownloadStatus): List => ({
  downloads: [download(status)],
  isPaused: false,
  bytesPerSecond: 0,
  limit: { bytesPerSecond: null, source: 'none', until: null },
  asksAboutMetered: false,
})

const closing: (() => void)[] = []
afterEach(() => {
  for (const close of closing.splice(0)) close()
})

/** A screen that shows the list and follows what is told. The list's questions are answered by hand. */
function follow() {
  const queries = createQueries()
  const asked: ((answer: List) => void)[] = []
  const screen = new QueryObserver<List>(queries, {
    queryKey: [delivery.list.name, {}],
    queryFn: () => new Promise((resolve) => asked.push(resolve)),
  })
  let tell: (event: CoreEvent) => void = () => {}
  const client = {
    call: () => new Promise<never>(() => {}),
    subscribe(listener: (event: unknown) => void) {
      tell = listener
      return () => {}
    },
    mediaAddress: async () => '',
  }
  closing.push(
    followEvents(client, queries, () => {}),
    screen.subscribe(() => {}),
    () => queries.clear(),
  )
  const answer = () => screen.getCurrentResult().data
  const shown = () => answer()?.downloads.map(({ status }) => status)
  return { asked, answer, shown, tell: (event: CoreEvent) => tell(event) }
}

it('DL6: a state that is told shows at once, though questions wait for their answers, and an older answer does not hide it', async () => {
  const { asked, answer, shown, tell } = follow()
  asked[0]?.(list('downloading'))
  await expect.poll(shown).toEqual(['downloading'])
  tell({ type: 'delivery.changed' })
  expect(asked).toHaveLength(2)
  tell({ type: 'delivery.progressed', download: download('paused') })
  expect(shown()).toEqual(['paused'])
  asked[1]?.({ ...list('downloading'), isPaused: true })
  await expect.poll(() => answer()?.isPaused).toBe(true)
  expect(shown()).toEqual(['paused'])
})

it('DL6: what went by unseen while the stream was away is put right by the next state that is told', async () => {
  const { asked, shown, tell } = follow()
  asked[0]?.(list('queued'))
  await expect.poll(shown).toEqual(['queued'])
  tell({ type: 'delivery.progressed', download: download('downloading') })
  tell({ type: 'stream-was-away' } as unknown as CoreEvent)
  asked[1]?.(list('paused'))
  await expect.poll(shown).toEqual(['paused'])
  tell({ type: 'delivery.progressed', download: download('downloading') })
  expect(shown()).toEqual(['downloading'])
})
