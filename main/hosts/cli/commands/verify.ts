import { type LibraryItem, library } from '../../../../contract/library.ts'
import { Id } from '../../../../contract/values.ts'
import { type Cli, type Command, type Outcome, UsageError } from '../command.ts'
import { EXIT } from '../exit-code.ts'
import { followDownloads } from '../follow.ts'
import { plain } from '../format.ts'
import { outcomeOf } from './downloads.ts'

interface Counts {
  readonly checked: number
  readonly here: number
  readonly retagged: number
  readonly damaged: number
  readonly missing: number
}

export const verify: Command = {
  usage: '[<track>…] [--repair]',
  about:
    'Reads the files of the library again: all, or those of these tracks. --repair fetches again what is damaged or missing and stays until that has ended; re-tagged files are left as they are.',
  options: { repair: { type: 'boolean' } },
  async run(cli, args, { repair }) {
    const trackIds = await Promise.all(args.map((word) => findTrack(cli, word)))
    const input = trackIds.length === 0 ? {} : { trackIds }
    if (repair === true) return await repaired(cli, input)
    const counts = await cli.call(library.verify, input)
    const isWell = counts.damaged === 0 && counts.missing === 0
    return { value: counts, text: describeCounts(counts), ...(isWell ? {} : { failure: { exitCode: EXIT.refused } }) }
  },
}

async function repaired(cli: Cli, input: { trackIds?: string[] }): Promise<Outcome> {
  const counts = await cli.call(library.repair, input)
  cli.note(describeCounts(counts))
  const { downloads, stuck } = await followDownloads(cli, new Set(counts.downloadIds))
  const followed = outcomeOf(downloads, stuck)
  const left = counts.damaged + counts.missing > 0 && counts.queued === 0
  const text = counts.queued === 0 ? describeCounts(counts) : `${describeCounts(counts)}\n${followed.text}`
  const failure = left ? { exitCode: EXIT.refused } : followed.failure
  return { value: { ...counts, downloads }, text, ...(failure === undefined ? {} : { failure }) }
}

export function describeCounts({ checked, here, retagged, damaged, missing }: Counts): string {
  return `${checked} checked: ${here} verified, ${retagged} re-tagged, ${damaged} damaged, ${missing} missing`
}

/** The id of the owned track that a word names. Throws `UsageError` when its words fit none, or several. */
async function findTrack({ call }: Cli, word: string): Promise<string> {
  if (Id.safeParse(word).success) return word
  const { items } = await call(library.list, { query: word })
  const [found, ...others] = items
  if (found === undefined) throw new UsageError(`Nothing in the library matches "${word}"`)
  if (others.length > 0) throw new UsageError(`Several tracks match "${word}"; name one by its id:\n${names(items)}`)
  return found.trackId
}

function names(items: readonly LibraryItem[]): string {
  return items.map(({ trackId, artist, title }) => `  ${trackId}  ${plain(artist)} - ${plain(title)}`).join('\n')
}
