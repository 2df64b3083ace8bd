import fc from 'fast-check'
import { expect, it } from 'vitest'
import type { FileFormat } from '../catalogue/public.ts'
import { attemptsUsed, formatOfCall, withOneMore } from './format-rules.ts'

const WAV = { id: 'w', format: 'wav', state: 'active' } as const
const FLAC = { id: 'f', format: 'flac', state: 'reserved' } as const
const MP3 = { id: 'm', format: 'mp3', state: 'delivered' } as const

it("a call is about the format it asks for, else the named attempt's, else the open one's, else the master", () => {
  const attempts = [MP3, FLAC, WAV]
  expect(formatOfCall(attempts, { format: 'aiff', attemptId: 'w' })).toBe('aiff')
  expect(formatOfCall(attempts, { format: undefined, attemptId: 'm' })).toBe('mp3')
  expect(formatOfCall(attempts, { format: undefined, attemptId: undefined })).toBe('flac')
  expect(formatOfCall([MP3], { format: undefined, attemptId: undefined })).toBeNull()
  expect(formatOfCall([], { format: undefined, attemptId: 'unknown' })).toBeNull()
})

it('another format of what was charged costs nothing, and no order of formats gives more of one than the limit', () => {
  const formats = fc.array(fc.constantFrom<FileFormat>('wav', 'flac', 'mp3'), { maxLength: 40 })
  fc.assert(
    fc.property(formats, (asked) => {
      let used: ReadonlyMap<FileFormat, number> = new Map()
      for (const format of asked) {
        const before = attemptsUsed(used)
        const isRepeat = (used.get(format) ?? 0) === before
        used = withOneMore(used, format)
        expect(attemptsUsed(used)).toBe(before + (isRepeat ? 1 : 0))
      }
      for (const count of used.values()) expect(count).toBeLessThanOrEqual(attemptsUsed(used))
    }),
  )
})
