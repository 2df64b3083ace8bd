import { expect, test } from 'vitest'
import { runMainJob } from '../demo/main-job.ts'

const SEGMENT_BYTES = 4 * 1024 * 1024
const CONNECTIONS = 4

test('R-DC-13, R-DC-20, R-MM-43: the main job with no hands: buy, cut, kill, resume, verify, crate, replay', async () => {
  const steps: string[] = []
  const result = await runMainJob((line) => steps.push(line))
  expect(result).toMatchObject({ ok: true, sha256Matches: true, attemptsUsed: 1, quotaUsed: 0, replayStatus: 409 })
  expect(result.bytesTransferred).toBeGreaterThanOrEqual(result.bytes)
  expect(result.bytesTransferred).toBeLessThanOrEqual(result.bytes + CONNECTIONS * SEGMENT_BYTES)
  expect(result.crateFile).toMatch(/\.wav$/)
  expect(result.m3u8).toMatch(/\.m3u8$/)
  expect(steps).toHaveLength(10)
}, 180_000)
