import {
  ByteVector,
  File,
  FlacFileSettings,
  Id3v2Settings,
  MpegAudioFileSettings,
  Picture,
  PictureType,
  TagTypes,
  WaveFileSettings,
  XiphComment,
} from 'node-taglib-sharp'

export interface AudioTags {
  readonly title: string
  readonly artist: string
  readonly album?: string
  readonly genre: string
  readonly year: number
  /** Beats per minute. */
  readonly bpm: number
  /** The key as it is shown to a DJ. */
  readonly key: string
  /** A PNG. */
  readonly cover: Uint8Array
}

/** Writes tags and cover into an MP3, FLAC, WAV or AIFF file on disk. Blocks its thread: belongs into a worker. */
export function tagAudioFile(path: string, tags: AudioTags): void {
  chooseTagTypes(path)
  const file = File.createFromPath(path)
  try {
    file.tag.title = tags.title
    file.tag.performers = [tags.artist]
    if (tags.album !== undefined) file.tag.album = tags.album
    file.tag.genres = [tags.genre]
    file.tag.year = tags.year
    file.tag.beatsPerMinute = tags.bpm
    file.tag.initialKey = tags.key
    addPlainFields(file, tags)
    const cover = ByteVector.fromByteArray(tags.cover)
    file.tag.pictures = [Picture.fromFullData(cover, PictureType.FrontCover, 'image/png', 'Cover')]
    file.save()
  } finally {
    file.dispose()
  }
}

/** In FLAC the library writes TEMPO and INITIALKEY only; half of the programs that read it look for BPM and KEY. */
function addPlainFields(file: File, { bpm, key }: AudioTags): void {
  const comment = file.getTag(TagTypes.Xiph, false)
  if (!(comment instanceof XiphComment)) return
  comment.setFieldAsStrings('BPM', String(bpm))
  comment.setFieldAsStrings('KEY', key)
}

/** One kind of tag per format; ID3v2.3, which DJ software reads everywhere, except in WAV, where the library needs 2.4. */
function chooseTagTypes(path: string): void {
  MpegAudioFileSettings.defaultTagTypes = TagTypes.Id3v2
  WaveFileSettings.defaultTagTypes = TagTypes.Id3v2 | TagTypes.RiffInfo
  FlacFileSettings.defaultTagTypes = TagTypes.Xiph
  Id3v2Settings.defaultVersion = path.endsWith('.wav') ? 4 : 3
  Id3v2Settings.forceDefaultVersion = true
}
