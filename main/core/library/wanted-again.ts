import type { Owned } from '../../../contract/entitlements.ts'
import type { AudioFormat, ContentRef } from '../../../contract/values.ts'
import type { Disk } from './disk.ts'
import { formatOfFile } from './local-format.ts'
import type { LocalFile } from './rows.ts'

/** A download that brings files back, in the format that they had; null: as the content comes. */
export interface WantedAgain {
  readonly content: ContentRef
  readonly format: AudioFormat | null
  /** The files that it is for, as they were found. */
  readonly broken: readonly LocalFile[]
}

/**
 * The downloads that bring broken files of this computer back, each once: the track itself where it is owned by itself, else the pack that
 * it is in. What the account owns no longer is left out.
 */
export async function wantedAgain(
  disk: Disk,
  owned: readonly Owned[],
  broken: readonly LocalFile[],
): Promise<WantedAgain[]> {
  const single = new Map(owned.filter(({ pack }) => pack === null).map((item) => [item.contentId, item]))
  const packOf = new Map(owned.flatMap((item) => (item.pack?.tracks ?? []).map(({ id }) => [id, item] as const)))
  const wanted = new Map<string, WantedAgain & { readonly broken: LocalFile[] }>()
  for (const file of broken) {
    const item = single.get(file.trackId) ?? packOf.get(file.trackId)
    if (item === undefined) continue
    const { contentType, contentId } = item
    const key = `${contentType}/${contentId}`
    const format = item.pack === null ? await formatToAsk(disk, item, file) : null
    const one = wanted.get(key) ?? { content: { contentType, contentId }, format, broken: [] }
    one.broken.push(file)
    wanted.set(key, one)
  }
  return [...wanted.values()]
}

/** The format that the file had, where the store offers a choice that has it. A damaged file may have lost its head: then its name tells. */
async function formatToAsk(disk: Disk, { track }: Owned, file: LocalFile): Promise<AudioFormat | null> {
  // A list that was read from an older server knows no formats.
  const offered = (track?.formats ?? []).map(({ format }) => format)
  const had = await formatOfFile(disk, file)
  return had !== null && offered.length > 1 && offered.includes(had) ? had : null
}
