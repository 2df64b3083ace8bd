import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { roomNeeded, type SizedDownload, SPARE_BYTES } from './space-rules.ts'

const track = (totalBytes: number | null, receivedBytes = 0): SizedDownload => ({
  content: { contentType: 'track', contentId: '' },
  totalBytes,
  receivedBytes,
})
const pack = (totalBytes: number, receivedBytes = 0): SizedDownload => ({
  ...track(totalBytes, receivedBytes),
  content: { contentType: 'album', contentId: '' },
})

describe('DL11: the room for what is still to come', () => {
  it.each<[string, SizedDownload[], number, boolean, number, number]>([
    ['what is here is not needed again', [track(1000, 900), track(500)], SPARE_BYTES + 600, false, 600, 0],
    ['one byte too few', [track(1000, 900), track(500)], SPARE_BYTES + 599, false, 600, 1],
    ['a pack needs its size again while it is taken apart', [pack(1000)], SPARE_BYTES + 1999, false, 1000, 1],
    ['packs are taken apart one after the other', [pack(1000), pack(700)], SPARE_BYTES + 2700, false, 1700, 0],
    ['zips that are kept stay beside their tracks', [pack(1000), pack(700)], SPARE_BYTES + 3399, true, 3400, 1],
    ['a size that nobody knows counts as nothing', [track(null, 50)], 0, false, 0, 0],
    ['nothing to come needs nothing', [], 0, false, 0, 0],
  ])('%s', (_, downloads, free, keeps, remainingBytes, missingBytes) => {
    expect(roomNeeded(downloads, free, keeps)).toEqual({ remainingBytes, missingBytes })
  })

  it('nothing is missing where the system does not say what is free', () => {
    expect(roomNeeded([track(1e12)], null, false).missingBytes).toBe(0)
  })

  it('bytes that arrive take away as much room as they need less', () => {
    const sizes = fc.array(fc.tuple(fc.nat(1e9), fc.double({ min: 0, max: 1, noNaN: true })), {
      minLength: 1,
      maxLength: 20,
    })
    fc.assert(
      fc.property(sizes, fc.nat(1e9), fc.boolean(), (all, free, keeps) => {
        const before = all.map(([size]) => track(size))
        const after = all.map(([size, part]) => track(size, Math.floor(size * part)))
        const came = after.reduce((sum, { receivedBytes }) => sum + receivedBytes, 0)
        const then = roomNeeded(after, free, keeps)
        const first = roomNeeded(before, free + came, keeps)
        expect(then.remainingBytes).toBe(first.remainingBytes - came)
        if (then.remainingBytes > 0) expect(then.missingBytes).toBe(first.missingBytes)
      }),
    )
  })
})
