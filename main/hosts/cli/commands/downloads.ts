import { type Download, delivery } from '../../../../contract/delivery.ts'
import { library } from '../../../../contract/library.ts'
import type { ContentRef } from '../../../../contract/values.ts'
import { type Cli, type Command, required } from '../command.ts'
import { EXIT } from '../exit-code.ts'
import { findContent } from '../find-content.ts'
import { size, table } from '../format.ts'

const POLL_MS = 300
const ENDED: ReadonlySet<Download['status']> = new Set(['done', 'failed', 'cancelled'])

export const download: Command = {
  usage: '<track or pack>… | --all [--wait]',
  about: 'Queues what the account owns for download; --wait stays until all of it has ended.',
  options: { all: { type: 'boolean' }, wait: { type: 'boolean' } },
  async run(cli, args, { all, wait }) {
    const started = all === true ? await startAll(cli) : await startNamed(cli, args)
    if (wait !== true && !cli.isHostRunning)
      cli.note('Queued. Nothing runs now: add --wait, or start MixMint, and the downloads go on.')
    const downloads = wait === true ? await followed(cli, started) : started
    const hasFailed = downloads.some(({ status }) => status === 'failed' || status === 'cancelled')
    return {
      value: { downloads },
      text: describe(downloads),
      ...(hasFailed ? { failure: { exitCode: EXIT.refused } } : {}),
    }
  },
}

export const downloads: Command = {
  usage: '[pause <id> | resume <id> | retry <id> | cancel <id>]',
  about: 'Shows the queue, or changes one download of it.',
  async run({ call }, args) {
    const [action] = args
    const actions = {
      pause: delivery.pause,
      resume: delivery.resume,
      retry: delivery.retry,
      cancel: delivery.cancelDownload,
    }
    if (action !== undefined && Object.hasOwn(actions, action))
      await call(actions[action as keyof typeof actions], { downloadId: required(args, 1, 'The id of the download') })
    const list = await call(delivery.list, {})
    return { value: list, text: describe(list.downloads) }
  },
}

async function startNamed(cli: Cli, args: readonly string[]): Promise<Download[]> {
  required(args, 0, 'A track or pack')
  const started: Download[] = []
  for (const word of args) started.push(await cli.call(delivery.start, await findContent(cli, word)))
  return started
}

async function startAll({ call }: Cli): Promise<Download[]> {
  await call(library.refresh, {})
  const { items } = await call(library.list, {})
  const sources = new Map<string, ContentRef>()
  for (const { source, state } of items)
    if (state === 'cloud' || state === 'missing' || state === 'damaged') sources.set(source.contentId, source)
  const started: Download[] = []
  for (const source of sources.values()) started.push(await call(delivery.start, source))
  return started
}

/** The state of these downloads once each has ended; progress goes to the terminal. */
async function followed({ call, note, sleep }: Cli, started: readonly Download[]): Promise<Download[]> {
  const ids = new Set(started.map(({ id }) => id))
  let said = ''
  for (;;) {
    const { downloads: all } = await call(delivery.list, {})
    const mine = all.filter(({ id }) => ids.has(id))
    const text = mine.map(progress).join('\n')
    if (text !== said) note(text)
    said = text
    if (mine.every(({ status }) => ENDED.has(status))) return mine
    await sleep(POLL_MS)
  }
}

function progress({ title, status, receivedBytes, totalBytes, reason }: Download): string {
  const percent = totalBytes === null || totalBytes === 0 ? '' : ` ${Math.floor((100 * receivedBytes) / totalBytes)} %`
  return `${title}: ${status}${status === 'downloading' ? percent : ''}${reason === null ? '' : ` (${reason.message})`}`
}

function describe(list: readonly Download[]): string {
  if (list.length === 0) return 'No downloads.'
  return table(
    list.map(({ id, title, artist, status, receivedBytes, totalBytes, reason }) => [
      id,
      `${artist} - ${title}`.slice(0, 60),
      status,
      `${size(receivedBytes)} of ${size(totalBytes)}`,
      reason?.message ?? '',
    ]),
  )
}
