import { catalogue } from '../../../contract/catalogue.ts'
import { delivery } from '../../../contract/delivery.ts'
import { type DeviceClient, signInClient } from '../../_kit/device-client.ts'
import type { Person } from './journey.ts'

/** A track of the shop by its title. */
export async function trackCalled(origin: string, title: string): Promise<{ id: string; sizeBytes: number }> {
  const input = encodeURIComponent(JSON.stringify({ query: title }))
  const answer = await fetch(`${origin}${catalogue.listTracks.path}?input=${input}`)
  const { items } = catalogue.listTracks.output.parse(await answer.json())
  const found = items.find((item) => item.title === title)
  if (found === undefined || found.sizeBytes === null) throw new Error(`${title} is not in the shop`)
  return { id: found.id, sizeBytes: found.sizeBytes }
}

/** The account on another computer, registered as a device. */
export async function otherComputer(
  origin: string,
  person: Person,
  name = 'The other computer',
): Promise<DeviceClient> {
  const client = await signInClient(origin, { ...person, isNew: false })
  const answer = await client.registerDevice(name)
  if (answer.status !== 200) throw new Error(`Registering answered ${answer.status}`)
  return client
}

/** What the server counts for a track of the account; asking opens an attempt of the asking computer, which is not counted here. */
export async function askFacts(
  origin: string,
  person: Person,
  trackId: string,
): Promise<{ attemptsUsed: number; segmentSize: number }> {
  const client = await otherComputer(origin, person)
  const { body: grant } = await client.call(delivery.init, { contentType: 'track', contentId: trackId, want: [] })
  const { body: detail } = await client.call(catalogue.getTrack, { trackId })
  return {
    attemptsUsed: detail.attemptLimit - grant.entitlement.attemptsLeft - 1,
    segmentSize: grant.object.segmentSize,
  }
}
