import { freeName, nameKey } from '../library/file-names.ts'

/** A file in the crate's folder. `name` is relative to it, with `/`. */
export interface FolderFile {
  readonly name: string
  readonly sizeBytes: number
  /** Milliseconds with fractions. */
  readonly changedMs: number
  /** The same for all names of one file on one computer. */
  readonly identity: string
}

/** A file that a sync put into the folder, or found there as its own. */
export interface ManifestFile {
  readonly trackId: string
  readonly name: string
  /** The name that the template gave: another present name is the user's, and stays. */
  readonly givenName: string
  readonly sha256: string
  readonly audioSha256: string | null
  readonly sizeBytes: number
  readonly changedMs: number
}

/** A track that belongs into the folder. */
export interface WantedTrack {
  readonly trackId: string
  /** By the template. */
  readonly name: string
  /** Where its healthy file is in the library; null while it is not here. */
  readonly source: {
    readonly place: string
    readonly sha256: string
    readonly audioSha256: string | null
    readonly identity: string
    /** Nobody has changed it since it came, so its bytes must have `sha256`. */
    readonly isAsDelivered: boolean
  } | null
}

export interface SyncFacts {
  readonly wanted: readonly WantedTrack[]
  readonly manifest: readonly ManifestFile[]
  readonly folder: readonly FolderFile[]
  /** The file in the folder that is each track's, by content: found under whatever name. */
  readonly present: ReadonlyMap<string, FolderFile>
  /** Tracks no longer wanted whose file here is one the library has too, unchanged: only those may go. */
  readonly removable: ReadonlySet<string>
  /** Names of files, unchanged since they were put here, whose track has another file in the library now. */
  readonly outdated?: readonly { readonly trackId: string; readonly name: string }[]
  /** Names of damaged files that the library has replaced: what comes takes their names. */
  readonly damaged?: readonly { readonly trackId: string; readonly name: string }[]
}

export type SyncAction =
  | { readonly kind: 'keep'; readonly trackId: string; readonly name: string; readonly givenName: string }
  | {
      readonly kind: 'rename'
      readonly trackId: string
      readonly from: string
      readonly name: string
      readonly givenName: string
    }
  | { readonly kind: 'add'; readonly trackId: string; readonly name: string; readonly givenName: string }
  | { readonly kind: 'remove'; readonly trackId: string; readonly name: string }

export interface SyncPlan {
  readonly actions: readonly SyncAction[]
  /** Wanted, and neither in the folder nor in the library. */
  readonly waiting: readonly string[]
}

/** What brings a folder to what is wanted: never touching a file that is not the crate's own, never undoing a name that the user gave. */
export function planSync(facts: SyncFacts): SyncPlan {
  const { wanted, manifest, folder, present, removable, outdated = [], damaged = [] } = facts
  const known = new Map(manifest.map((file) => [file.trackId, file]))
  const wantedIds = new Set(wanted.map(({ trackId }) => trackId))
  const removes = manifest.flatMap(({ trackId }): SyncAction[] => {
    const file = present.get(trackId)
    if (wantedIds.has(trackId) || file === undefined || !removable.has(trackId)) return []
    return [{ kind: 'remove', trackId, name: file.name }]
  })
  removes.push(...damaged.map(({ trackId, name }): SyncAction => ({ kind: 'remove', trackId, name })))
  const gone = new Set(removes.map(({ name }) => nameKey(name)))
  const taken = new Set(folder.map(({ name }) => nameKey(name)).filter((key) => !gone.has(key)))
  const actions: SyncAction[] = [...removes]
  // After what comes in their place, so that a crash leaves both and never none.
  const replaced = outdated.map(({ trackId, name }): SyncAction => ({ kind: 'remove', trackId, name }))
  const waiting: string[] = []
  const kept = namesToComeAgain(facts, known, taken)
  for (const name of kept.values()) taken.add(nameKey(name))
  for (const track of wanted) {
    const file = present.get(track.trackId)
    const name = kept.get(track.trackId)
    if (file === undefined && track.source === null) waiting.push(track.trackId)
    else if (name !== undefined) actions.push({ kind: 'add', trackId: track.trackId, name, givenName: track.name })
    else actions.push(place(track, file, known.get(track.trackId), taken))
  }
  return { actions: [...actions, ...replaced], waiting }
}

/** Names, numbers included, that are kept for files of ours that are gone and come again; what others took meanwhile is theirs. */
function namesToComeAgain(
  { wanted, present }: SyncFacts,
  known: ReadonlyMap<string, ManifestFile>,
  taken: ReadonlySet<string>,
): Map<string, string> {
  const names = new Map<string, string>()
  const keys = new Set(taken)
  for (const { trackId, name: wantedName } of wanted) {
    const before = known.get(trackId)
    if (present.has(trackId) || before?.givenName !== wantedName) continue
    if (!isNamedBy(wantedName, before.name) || keys.has(nameKey(before.name))) continue
    keys.add(nameKey(before.name))
    names.set(trackId, before.name)
  }
  return names
}

function place(
  { trackId, name: wantedName }: WantedTrack,
  file: FolderFile | undefined,
  before: ManifestFile | undefined,
  taken: Set<string>,
): SyncAction {
  if (file === undefined) {
    const name = freeName(wantedName, taken)
    taken.add(nameKey(name))
    return { kind: 'add', trackId, name, givenName: wantedName }
  }
  const isOursToRename = before !== undefined && before.givenName !== wantedName && isNameGiven(before, file)
  if (!isOursToRename) return { kind: 'keep', trackId, name: file.name, givenName: before?.givenName ?? wantedName }
  taken.delete(nameKey(file.name))
  const name = freeName(wantedName, taken)
  taken.add(nameKey(name))
  return { kind: 'rename', trackId, from: file.name, name, givenName: wantedName }
}

/** True while the file has the name that an earlier sync gave it. */
function isNameGiven({ name, givenName }: ManifestFile, file: FolderFile): boolean {
  return nameKey(file.name) === nameKey(name) && isNamedBy(givenName, file.name)
}

/** True for the template's name, and for that with a number. */
function isNamedBy(givenName: string, name: string): boolean {
  return [nameKey(name), nameKey(name.replace(/ \(\d+\)(?=\.[^.]*$)/, ''))].includes(nameKey(givenName))
}
