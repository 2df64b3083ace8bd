import { peaksOf } from '../audio/peaks.ts'
import { makePreview } from '../audio/preview.ts'
import { renderCover, renderPortrait } from './cover.ts'
import { encodeAudio } from './encode-audio.ts'
import { addToCache, isCached, writeResult } from './render-cache.ts'
import type { PictureJob, RenderJob, SoundJob } from './render-job.ts'
import { synthesize } from './synthesize.ts'
import { tagAudioFile } from './tag-audio.ts'

/** Makes what a job asks for, unless the cache has it. Takes seconds of one processor for a sound. */
export async function render(folder: string, job: RenderJob): Promise<void> {
  if (await isCached(folder, job)) return
  await addToCache(folder, job, (draft) =>
    job.kind === 'picture' ? renderPicture(draft, job) : renderSound(draft, job),
  )
}

async function renderPicture(draft: string, { portrait, cover }: PictureJob): Promise<void> {
  await writeResult(draft, 'cover.png', portrait ? renderPortrait(cover) : renderCover(cover))
}

async function renderSound(draft: string, { sound, tags, cover }: SoundJob): Promise<void> {
  const pcm = synthesize(sound)
  await writeResult(draft, 'peaks.bin', peaksOf(pcm))
  await writeResult(draft, 'preview.mp3', await makePreview(pcm))
  for (const format of [sound.format, ...(sound.alsoIn ?? [])]) {
    const audio = await writeResult(draft, `audio.${format}`, await encodeAudio(pcm, format))
    tagAudioFile(audio, { ...tags, cover: renderCover(cover) })
  }
}
