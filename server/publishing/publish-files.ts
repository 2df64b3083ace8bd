import type { AudioFormat } from '../../contract/values.ts'
import { audioSha256OfFile } from '../audio/audio-payload.ts'
import { asCaller } from '../db/transaction.ts'
import type { ObjectStore } from '../ports.ts'
import type { CatalogueFanUpload, CatalogueTrack } from '../seed/catalogue.ts'
import type { SoundFiles } from '../seed/render-cache.ts'
import type { ServerServices } from '../services.ts'
import { downloadName } from './file-names.ts'
import { type ContentKind, insertObject, setCover, setFormat, setMaster, setPortrait, setSounds } from './rows.ts'
import { type StoredFile, storeFile } from './store-file.ts'

const MIME_TYPES = { mp3: 'audio/mpeg', flac: 'audio/flac', wav: 'audio/wav', aiff: 'audio/aiff' } as const

type PublishServices = Pick<ServerServices, 'db' | 'clock' | 'objects'>

/** Stores a picture and shows it as the cover of a content, or as the portrait of a DJ. */
export async function publishPicture(
  { db, clock, objects }: PublishServices,
  of: { readonly kind: ContentKind | 'dj'; readonly id: string },
  path: string,
): Promise<void> {
  const picture = await storeFile(objects, path, 'image/png')
  await asCaller(
    db,
    { role: 'service_role' },
    async (tx) => {
      await insertObject(tx, picture, { isPublic: true })
      if (of.kind === 'dj') await setPortrait(tx, of.id, `portrait/${picture.sha256}`)
      else await setCover(tx, of.kind, of.id, `cover/${picture.sha256}`)
    },
    { clock },
  )
}

/** Stores the files of a track or fan upload, in all its formats, and makes it downloadable, all in one step. */
export async function publishSound(
  { db, clock, objects }: PublishServices,
  sound: CatalogueTrack | CatalogueFanUpload,
  files: SoundFiles,
): Promise<void> {
  const { kind, id, format, title, dj } = sound
  const master = await storeSound(objects, files.audio, format)
  const others: (StoredSound & { readonly format: AudioFormat })[] = []
  for (const { format: other, path } of files.others)
    others.push({ format: other, ...(await storeSound(objects, path, other)) })
  const preview = await storeFile(objects, files.preview, 'audio/mpeg')
  const peaks = await storeFile(objects, files.peaks, 'application/octet-stream')
  const namedAs = (ending: AudioFormat): string => downloadName({ artist: dj.djName, title }, ending)
  await asCaller(
    db,
    { role: 'service_role' },
    async (tx) => {
      for (const { file, audioSha256 } of [master, ...others])
        await insertObject(tx, file, { isPublic: false, audioSha256 })
      await insertObject(tx, preview, { isPublic: true })
      await insertObject(tx, peaks, { isPublic: true })
      await setSounds(tx, kind, id, { preview: `preview/${preview.sha256}`, peaks: `peaks/${peaks.sha256}` })
      await setMaster(tx, { kind, id, format, fileName: namedAs(format) }, master.file)
      for (const other of others)
        await setFormat(tx, { kind, id, format: other.format, fileName: namedAs(other.format) }, other.file)
    },
    { clock },
  )
}

interface StoredSound {
  readonly file: StoredFile
  /** SHA-256 of the sound alone. */
  readonly audioSha256: string | null
}

async function storeSound(objects: ObjectStore, path: string, format: AudioFormat): Promise<StoredSound> {
  const file = await storeFile(objects, path, MIME_TYPES[format])
  return { file, audioSha256: (await audioSha256OfFile(path)) ?? null }
}
