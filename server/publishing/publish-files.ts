import { audioSha256OfFile } from '../audio/audio-payload.ts'
import { asCaller } from '../db/transaction.ts'
import type { CatalogueFanUpload, CatalogueTrack } from '../seed/catalogue.ts'
import type { SoundFiles } from '../seed/render-cache.ts'
import type { ServerServices } from '../services.ts'
import { downloadName } from './file-names.ts'
import { type ContentKind, insertObject, setCover, setMaster, setPortrait, setSounds } from './rows.ts'
import { storeFile } from './store-file.ts'

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

/** Stores the files of a track or fan upload and makes it downloadable, all in one step. */
export async function publishSound(
  { db, clock, objects }: PublishServices,
  sound: CatalogueTrack | CatalogueFanUpload,
  files: SoundFiles,
): Promise<void> {
  const { kind, id, format, title, dj } = sound
  const master = await storeFile(objects, files.audio, MIME_TYPES[format])
  const audioSha256 = (await audioSha256OfFile(files.audio)) ?? null
  const preview = await storeFile(objects, files.preview, 'audio/mpeg')
  const peaks = await storeFile(objects, files.peaks, 'application/octet-stream')
  const fileName = downloadName({ artist: dj.djName, title }, format)
  await asCaller(
    db,
    { role: 'service_role' },
    async (tx) => {
      await insertObject(tx, master, { isPublic: false, audioSha256 })
      await insertObject(tx, preview, { isPublic: true })
      await insertObject(tx, peaks, { isPublic: true })
      await setSounds(tx, kind, id, { preview: `preview/${preview.sha256}`, peaks: `peaks/${peaks.sha256}` })
      await setMaster(tx, { kind, id, format, fileName }, master)
    },
    { clock },
  )
}
