import { type Download, delivery } from '../../../../contract/delivery.ts'
import { AudioFormat } from '../../../../contract/values.ts'
import { type Cli, type Command, type Options, type Outcome, required, UsageError } from '../command.ts'
import { EXIT } from '../exit-code.ts'
import { findContent } from '../find-content.ts'
import { followDownloads } from '../follow.ts'
import { downloadAll, planAll } from './download-all.ts'
import { describeDownloads } from './queue.ts'

export const download: Command = {
  usage: `<track or pack>… [--format ${AudioFormat.options.join('|')}] [--wait] | --all [--dry-run]`,
  about:
    'Queues what the account owns; --wait stays until it has ended, --format replaces a file by another format of it. --all fetches everything that is not here and reports; --dry-run only says what, and whether it fits.',
  options: {
    all: { type: 'boolean' },
    'dry-run': { type: 'boolean' },
    wait: { type: 'boolean' },
    format: { type: 'string' },
  },
  async run(cli, args, options) {
    const isDry = options['dry-run'] === true
    if (options['all'] === true) {
      if (args.length > 0 || options['format'] !== undefined) throw new UsageError('--all stands alone')
      return await (isDry ? planAll(cli) : downloadAll(cli))
    }
    if (isDry) throw new UsageError('--dry-run goes with --all')
    return await downloadNamed(cli, args, options)
  },
}

async function downloadNamed(cli: Cli, args: readonly string[], { wait, format }: Options): Promise<Outcome> {
  required(args, 0, 'A track or pack')
  const wanted = parseFormat(format)
  const started: Download[] = []
  for (const word of args)
    started.push(await cli.call(delivery.start, { ...(await findContent(cli, word)), ...wanted }))
  if (wait !== true) {
    if (!cli.isHostRunning) cli.note('Queued. Nothing runs now: add --wait, or start MixMint, and the downloads go on.')
    return outcomeOf(started, null)
  }
  const { downloads, stuck } = await followDownloads(cli, new Set(started.map(({ id }) => id)))
  return outcomeOf(downloads, stuck)
}

/** The answer of a command that followed downloads: it fails unless each arrived, or goes on elsewhere. */
export function outcomeOf(downloads: readonly Download[], stuck: string | null): Outcome {
  const text = [describeDownloads(downloads), ...(stuck === null ? [] : [stuck])].join('\n')
  const hasFailed = downloads.some(({ status }) => ['failed', 'cancelled', 'ended'].includes(status))
  const exitCode = hasFailed ? EXIT.refused : EXIT.waiting
  return { value: { downloads }, text, ...(hasFailed || stuck !== null ? { failure: { exitCode } } : {}) }
}

function parseFormat(format: Options[string]): { format?: AudioFormat } {
  if (format === undefined) return {}
  const { data } = AudioFormat.safeParse(typeof format === 'string' ? format.toLowerCase() : format)
  if (data === undefined) throw new UsageError(`--format is one of ${AudioFormat.options.join(', ')}`)
  return { format: data }
}
