import { catalogue } from '../../../contract/catalogue.ts'
import { AppError } from '../../../contract/errors.ts'
import { type ContentRef, Id } from '../../../contract/values.ts'
import { type Cli, UsageError } from './command.ts'
import { plain } from './format.ts'

export interface FoundContent extends ContentRef {
  readonly title: string
  readonly artist: string
  readonly cover: string | null
}

/** What a word names: the id of a track or pack, or words that find one track. Throws `not-found`, and `UsageError` when several match. */
export async function findContent({ call }: Pick<Cli, 'call'>, word: string): Promise<FoundContent> {
  if (Id.safeParse(word).success) return (await findTrack(call, word)) ?? (await getPack(call, word))
  const { items } = await call(catalogue.listTracks, { query: word, sort: 'relevance', limit: 10 })
  const exact = items.filter(({ title }) => title.toLowerCase() === word.toLowerCase())
  const [found, ...others] = exact.length > 0 ? exact : items
  if (found === undefined) throw new AppError('not-found', `Nothing in the store matches "${word}"`)
  if (others.length > 0) {
    const names = [found, ...others].map(({ id, artist, title }) => `  ${id}  ${plain(artist)} - ${plain(title)}`)
    throw new UsageError(`Several tracks match "${word}"; name one by its id:\n${names.join('\n')}`)
  }
  const { id, title, artist, cover } = found
  return { contentType: 'track', contentId: id, title, artist, cover }
}

async function findTrack(call: Cli['call'], trackId: string): Promise<FoundContent | null> {
  try {
    const { id, title, artist, cover } = await call(catalogue.getTrack, { trackId })
    return { contentType: 'track', contentId: id, title, artist, cover }
  } catch (error) {
    if (error instanceof AppError && error.code === 'not-found') return null
    throw error
  }
}

async function getPack(call: Cli['call'], packId: string): Promise<FoundContent> {
  const { id, title, dj, cover } = await call(catalogue.getPack, { packId })
  return { contentType: 'album', contentId: id, title, artist: dj.name, cover }
}
