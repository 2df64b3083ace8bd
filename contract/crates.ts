import { z } from 'zod'
import { desktopCommand, desktopQuery, domain, serverCommand, serverQuery } from './call.ts'
import { FileNameTemplate } from './file-name-template.ts'
import { ContentRef, Done, Id, Instant, Label, Nothing } from './values.ts'

/** A crate as the server holds it; `revision` grows with every change. */
export const CrateRecord = z.object({
  id: Id,
  name: z.string(),
  sortOrder: z.int(),
  revision: z.int(),
  items: z.array(ContentRef),
  updatedAt: Instant,
})
export type CrateRecord = z.infer<typeof CrateRecord>
const CrateName = Label(80)
const Items = z.array(ContentRef).max(5000)

/** A crate as this computer sees it. */
export const Crate = z.object({
  id: Id,
  name: z.string(),
  items: z.array(
    ContentRef.extend({
      title: z.string(),
      artist: z.string(),
      bpm: z.number().nullable(),
      key: z.string().nullable(),
      durationSeconds: z.int().nullable(),
      cover: z.string().nullable(),
      /** `synced`: its file is in the crate's folder. */
      state: z.enum(['not-owned', 'cloud', 'downloading', 'here', 'synced']),
    }),
  ),
  folder: z.object({ id: z.string(), path: z.string(), isThere: z.boolean() }).nullable(),
  /** The template of the crate's own by which its files are named on this computer; null: that of the settings. */
  fileNameTemplate: z.string().nullable(),
  lastSyncedAt: Instant.nullable(),
  hasPendingEdits: z.boolean(),
})
export type Crate = z.infer<typeof Crate>

/** What a sync would do, or did. Bytes are those still to download. */
export const SyncReport = z.object({
  added: z.int(),
  renamed: z.int(),
  removed: z.int(),
  unchanged: z.int(),
  waitingForDownload: z.int(),
  bytesToDownload: z.int(),
  freeBytes: z.int().nullable(),
  /** Files written, playlist and manifest included; 0 when nothing changed. */
  writes: z.int(),
  folder: z.string(),
  playlist: z.string().nullable(),
})
export type SyncReport = z.infer<typeof SyncReport>

/** The first names that a template gives, in a folder that is empty. Of files with one name all but the first get a number. */
export const FileNamePreview = z.object({
  /** False where nothing is owned yet and a made-up track stands in. */
  isOwn: z.boolean(),
  names: z.array(z.string()).max(3),
  total: z.int(),
  /** Files that get a number, and one of their names. */
  numbered: z.int(),
  numberedExample: z.string().nullable(),
})
export type FileNamePreview = z.infer<typeof FileNamePreview>

const byCrate = z.object({ crateId: Id })

export const crates = domain('crates', {
  listRecords: serverQuery({
    about: 'The crates of the account with their items in order.',
    proof: 'session',
    audience: 'core',
    input: Nothing,
    output: z.object({ crates: z.array(CrateRecord) }),
  }),
  saveRecord: serverCommand({
    about: 'Creates or replaces a crate; a stale revision is refused with the present one.',
    proof: 'session',
    audience: 'core',
    input: z.object({ id: Id, name: CrateName, items: Items, baseRevision: z.int().nonnegative() }),
    output: CrateRecord,
    errors: ['crate-exists', 'revision-conflict', 'not-found'],
  }),
  deleteRecord: serverCommand({
    about: 'Deletes a crate; nobody loses a file.',
    proof: 'session',
    audience: 'core',
    input: byCrate,
    output: Done,
  }),

  list: desktopQuery({
    about: 'The crates of the account; works with no network.',
    input: Nothing,
    output: z.object({ crates: z.array(Crate) }),
  }),
  create: desktopCommand({
    about: 'Makes an empty crate.',
    input: z.object({ name: CrateName }),
    output: Crate,
    errors: ['crate-exists', 'not-signed-in'],
  }),
  rename: desktopCommand({
    about: 'Gives a crate another name.',
    input: byCrate.extend({ name: CrateName }),
    output: Crate,
    errors: ['not-found', 'crate-exists'],
  }),
  remove: desktopCommand({
    about: 'Deletes a crate; its files stay where they are.',
    input: byCrate,
    output: Done,
    errors: ['not-found'],
  }),
  setItems: desktopCommand({
    about: 'Sets what is in a crate, in order: adding, removing and moving are all this.',
    input: byCrate.extend({ items: Items }),
    output: Crate,
    errors: ['not-found'],
  }),
  setFolder: desktopCommand({
    about: 'Chooses the folder that a crate is written to; null unlinks it and leaves the files.',
    input: byCrate.extend({ folderId: z.string().max(200).nullable() }),
    output: Crate,
    errors: ['not-found', 'folder-missing', 'folder-not-writable'],
  }),
  setFileNames: desktopCommand({
    about:
      'Gives a crate a template of its own for the names of its files on this computer; null takes that of the settings. The next sync renames what an earlier one named.',
    input: byCrate.extend({ template: FileNameTemplate.nullable() }),
    output: Crate,
    errors: ['not-found'],
  }),
  previewFileNames: desktopQuery({
    about: 'How files would be named by a template: those of a crate, or else the first of the library.',
    input: z.object({ crateId: Id.optional(), template: FileNameTemplate }),
    output: FileNamePreview,
    errors: ['not-found'],
  }),
  plan: desktopQuery({
    about: 'What a sync would do now.',
    input: byCrate,
    output: SyncReport,
    errors: ['not-found', 'folder-missing'],
  }),
  sync: desktopCommand({
    about:
      'Writes the crate to its folder: links or copies what is here, queues what is missing, writes the playlist; foreign files stay.',
    input: byCrate,
    output: SyncReport,
    errors: ['not-found', 'folder-missing', 'folder-not-writable', 'disk-full'],
  }),
})
