import { expect, test } from 'vitest'
import { repeatable } from '../../_kit/chaos/chaos-run.ts'
import { assertNoneCorrupt, createWorld, libraryFiles, queueRows, stagedFiles } from './world.ts'

const SEEDS = 150

/** A file is replaced in the store while it is on its way, over a bad line, with a process that is killed. */
async function replaceOnTheWay(seed: number): Promise<void> {
  const world = createWorld(seed)
  const { roll, network, server } = world
  network.trouble = roll.pick([0, 0.1, 0.3])
  const { contentId, bytes, grant } = world.newContent()
  let session = await world.start()
  if (session === null) throw new Error('Nothing can have ended it')
  await session.calls.start(undefined, { contentType: 'track', contentId, title: 'Tide', artist: 'Nia' })
  for (let steps = roll.below(90); steps > 0; steps--) await world.scheduler.step()
  // Of the same size, so that nothing but what it says of itself tells one from the other; or of another.
  const size = roll.chance(0.5) ? bytes.length : roll.between(1, 90_000)
  const wasDone = queueRows(world).every(({ status }) => status === 'done')
  const next = server.sell(contentId, roll.bytes(size), grant.segmentSize)
  for (let steps = roll.below(60); steps > 0; steps--) await world.scheduler.step()
  if (roll.chance(0.5)) {
    session.kill()
    session = await world.start()
    if (session === null) throw new Error('Nothing can have ended it')
  }
  network.trouble = 0
  const running = session
  await world.runUntil(running, () => queueRows(world).every(({ status }) => status === 'done'))
  let isClosed = false
  void running.close().then(() => {
    isClosed = true
  })
  await world.runUntil(running, () => isClosed)
  assertNoneCorrupt(world)
  const [file, ...others] = [...libraryFiles(world).values()]
  expect(others).toEqual([])
  // Whatever was whole before the change may stay; what was begun comes as the store has it now.
  if (!wasDone && !file?.equals(bytes)) expect(file?.equals(next.bytes)).toBe(true)
  expect(stagedFiles(world)).toEqual([])
  expect(running.errors).toEqual([])
}

test(`DL5: in ${SEEDS} seeds a file that is replaced in the store on its way arrives as one version or the other, never as parts of both`, {
  timeout: 120_000,
}, async () => {
  for (let seed = 1; seed <= SEEDS; seed++) await repeatable('seeds', seed, () => replaceOnTheWay(seed))
})
