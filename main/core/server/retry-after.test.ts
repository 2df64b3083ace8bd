import { expect, it } from 'vitest'
import { readAnswer } from './read-answer.ts'
import { retryAfterIn } from './retry-after.ts'

const DATE = 'Sat, 21 Nov 2026 06:00:00 GMT'

it.each([
  [{ 'retry-after': '120' }, 120],
  [{ 'retry-after': ' 0 ' }, 0],
  [{ 'retry-after': '99999999999' }, 99_999_999_999],
  [{ 'retry-after': 'Sat, 21 Nov 2026 06:01:30 GMT', date: DATE }, 90],
  [{ 'retry-after': 'Sat, 21 Nov 2026 05:59:00 GMT', date: DATE }, undefined],
  [{ 'retry-after': 'Sat, 21 Nov 2026 06:01:30 GMT' }, undefined],
  [{ 'retry-after': '-5' }, undefined],
  [{ 'retry-after': '1.5e3' }, undefined],
  [{ 'retry-after': 'soon' }, undefined],
  [{ 'retry-after': ['7', '8'] }, 7],
  [{}, undefined],
])('DL7: %j asks for %s seconds', (headers, seconds) => {
  expect(retryAfterIn(headers)['retryAfterSeconds']).toBe(seconds)
})

it.each([
  [429, 'rate-limited'],
  [502, 'server-busy'],
  [503, 'server-busy'],
])('DL7: a %i of somebody between us and the server is %s, for as long as it says', (status, code) => {
  const headers = { 'content-type': 'text/plain', 'retry-after': '30' }
  expect(() => readAnswer({ status, headers, body: Buffer.from('slow down') })).toThrow(
    expect.objectContaining({ code, detail: expect.objectContaining({ retryAfterSeconds: 30 }) }),
  )
})
