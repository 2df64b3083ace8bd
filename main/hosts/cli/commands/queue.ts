import type { CallDefinition } from '../../../../contract/call.ts'
import { type Download, delivery } from '../../../../contract/delivery.ts'
import { Id } from '../../../../contract/values.ts'
import { type Cli, type Command, type Outcome, required, UsageError } from '../command.ts'
import { words } from '../follow.ts'
import { plain, size, table } from '../format.ts'
import { parseSpeed } from '../parse-size.ts'

/** What is done to one download and needs nothing but its id. */
const BY_ID = {
  next: delivery.downloadNext,
  now: delivery.downloadNow,
  pause: delivery.pause,
  resume: delivery.resume,
  retry: delivery.retry,
  cancel: delivery.cancelDownload,
} as const satisfies Record<string, CallDefinition>

export const queue: Command = {
  usage:
    '[next|now|cancel|retry|diagnose <download> | pause|resume [<download>] | move <download> <place> | limit <download> <speed>|off | clear]',
  about:
    'Shows the queue or changes it; a download is named by its id or by words of its title. pause and resume without one mean the whole queue, place 1 is the first.',
  async run(cli, args) {
    const [action, word] = args
    if (action === 'diagnose') {
      const value = await cli.call(delivery.diagnose, { downloadId: await findDownload(cli, args) })
      return { value, text: value.text }
    }
    if (action !== undefined) await change(cli, action, word, args)
    return show(await cli.call(delivery.list, {}))
  },
}

async function change(cli: Cli, action: string, word: string | undefined, args: readonly string[]): Promise<void> {
  const { call } = cli
  if (action === 'list') return
  if (action === 'clear') await call(delivery.clearFinished, {})
  else if (action === 'pause' && word === undefined) await call(delivery.pauseAll, {})
  else if (action === 'resume' && word === undefined) await call(delivery.resumeAll, {})
  else if (Object.hasOwn(BY_ID, action))
    await call(BY_ID[action as keyof typeof BY_ID], { downloadId: await findDownload(cli, args) })
  else if (action === 'move') {
    const place = Number(required(args, 2, 'The place'))
    if (!Number.isSafeInteger(place) || place < 1) throw new UsageError('A place is 1, 2, 3 …')
    await call(delivery.move, { downloadId: await findDownload(cli, args), position: place - 1 })
  } else if (action === 'limit') {
    const bytesPerSecond = parseSpeed(required(args, 2, 'The speed'))
    await call(delivery.limitDownload, { downloadId: await findDownload(cli, args), bytesPerSecond })
  } else throw new UsageError(`There is no "queue ${action}"`)
}

/** The id of the download that the second word names. Throws `UsageError` when its words fit none, or several. */
async function findDownload({ call }: Cli, args: readonly string[]): Promise<string> {
  const word = required(args, 1, 'The download')
  if (Id.safeParse(word).success) return word
  const { downloads } = await call(delivery.list, {})
  const text = ({ artist, title }: Download) => `${artist} - ${title}`.toLowerCase()
  const found = downloads.filter((download) => text(download).includes(word.toLowerCase()))
  const [first, ...others] = found
  if (first === undefined) throw new UsageError(`Nothing in the queue matches "${word}"`)
  if (others.length > 0) {
    const names = found.map(({ id, artist, title }) => `  ${id}  ${plain(artist)} - ${plain(title)}`)
    throw new UsageError(`Several downloads match "${word}"; name one by its id:\n${names.join('\n')}`)
  }
  return first.id
}

function show(list: {
  readonly downloads: readonly Download[]
  readonly isPaused: boolean
  readonly bytesPerSecond: number
  readonly limit: { readonly bytesPerSecond: number | null; readonly source: string }
}): Outcome {
  const { downloads, isPaused, bytesPerSecond, limit } = list
  const speed = bytesPerSecond === 0 ? [] : [`${size(bytesPerSecond)}/s`]
  const limited =
    limit.bytesPerSecond === null ? [] : [`limit ${describeLimit(limit.bytesPerSecond)} (${limit.source})`]
  const head = [...(isPaused ? ['The queue is paused'] : []), ...speed, ...limited].join(', ')
  return { value: list, text: [...(head === '' ? [] : [head]), describeDownloads(downloads)].join('\n') }
}

export function describeLimit(bytesPerSecond: number | null): string {
  if (bytesPerSecond === null) return 'off'
  return bytesPerSecond === 0 ? '0: everything is held' : `${size(bytesPerSecond)}/s`
}

export function describeDownloads(list: readonly Download[]): string {
  if (list.length === 0) return 'No downloads.'
  return table(
    list.map(({ id, title, artist, status, receivedBytes, totalBytes, reason, driveName, bytesPerSecondLimit }) => [
      id,
      `${artist} - ${title}`.slice(0, 60),
      driveName === null ? words(status) : `${words(status)} ${driveName}`,
      `${size(receivedBytes)} of ${size(totalBytes)}`,
      bytesPerSecondLimit === null ? '' : `limit ${describeLimit(bytesPerSecondLimit)}`,
      reason?.message ?? '',
    ]),
  )
}
