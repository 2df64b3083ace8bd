import type { Owned } from '../../../contract/entitlements.ts'
import type { AudioFormat } from '../../../contract/values.ts'
import { aTrack, ownedPack, ownedTrack } from '../owned-tracks.ts'
import type { SimulatedObject, SimulatedServer } from './simulated-server.ts'

/** Everything that a simulated server sells, as the list of what the account owns. */
export function ownedOf({ objects, sold }: SimulatedServer): Owned[] {
  return [...objects.values()].map((master) =>
    master.contents === null ? ownedTrack(trackOf(master, sold)) : packOf(master),
  )
}

function trackOf(master: SimulatedObject, sold: readonly SimulatedObject[]) {
  const { contentId, format } = master
  const formats = sold.flatMap((object) =>
    object.contentId === contentId && object.format !== null
      ? [{ format: object.format, sizeBytes: object.bytes.length, isMaster: object === master }]
      : [],
  )
  return aTrack({ id: contentId, title: `Tide ${contentId.slice(0, 2)}`, formats, ...(format !== null && { format }) })
}

function packOf({ contentId, contents }: SimulatedObject): Owned {
  const format: AudioFormat = 'mp3'
  const tracks = (contents ?? []).map(({ trackId, fileName }) => aTrack({ id: trackId, title: fileName, format }))
  const owned = ownedPack('Pack', tracks)
  return { ...owned, contentId, pack: owned.pack === null ? null : { ...owned.pack, id: contentId } }
}
