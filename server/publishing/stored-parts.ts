import { objectKey } from '../adapters/object-key.ts'
import { asCaller } from '../db/transaction.ts'
import type { ServerServices } from '../services.ts'
import { type ContentState, selectStates } from './rows.ts'

/** What of the catalogue is in the object store: ids with their picture, and ids with all their sounds (or, for a pack, its zip). */
export interface StoredParts {
  readonly pictures: ReadonlySet<string>
  readonly sounds: ReadonlySet<string>
  /** The further formats of each track that are there. */
  readonly formats: ReadonlyMap<string, ReadonlySet<string>>
}

/** Whether a track or fan upload is there in all its formats. */
export function isSoundStored(
  { sounds, formats }: StoredParts,
  { id, alsoIn = [] }: { readonly id: string; readonly alsoIn?: readonly string[] },
): boolean {
  return sounds.has(id) && alsoIn.every((format) => formats.get(id)?.has(format))
}

/** Asks the object store, and not only the database, so that files which were lost are made again. */
export async function findStoredParts({
  db,
  clock,
  objects,
}: Pick<ServerServices, 'db' | 'clock' | 'objects'>): Promise<StoredParts> {
  const states = await asCaller(db, { role: 'service_role' }, selectStates, { mode: 'read only', clock })
  const isStored = async (key: string | null): Promise<boolean> => key !== null && (await objects.head(key)) !== null
  const pictures = new Set<string>()
  const sounds = new Set<string>()
  const formats = new Map<string, Set<string>>()
  for (const state of states) {
    if (await isStored(keyOf(state.cover))) pictures.add(state.id)
    if (await areStored(state, isStored)) sounds.add(state.id)
    const others = new Set<string>()
    for (const { format, key } of state.others) if (await isStored(key)) others.add(format)
    formats.set(state.id, others)
  }
  return { pictures, sounds, formats }
}

async function areStored(
  { file_key, preview, peaks }: ContentState,
  isStored: (key: string | null) => Promise<boolean>,
): Promise<boolean> {
  if (!(await isStored(file_key))) return false
  for (const part of [preview, peaks]) if (part !== null && !(await isStored(keyOf(part)))) return false
  return true
}

/** The object's key of a media reference, `<kind>/<sha256>`. */
function keyOf(mediaRef: string | null): string | null {
  const sha256 = mediaRef?.split('/')[1]
  return sha256 === undefined ? null : objectKey(sha256)
}
