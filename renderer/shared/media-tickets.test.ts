import { expect, test } from 'vitest'
import { createMediaTickets } from './media-tickets.ts'

test('ids asked for in one moment are one request, and are remembered', async () => {
  const requests: (readonly string[])[] = []
  const address = createMediaTickets(async (ids) => {
    requests.push(ids)
    return Object.fromEntries(ids.map((id) => [id, `/media/t/${id}`]))
  })
  expect(await Promise.all([address('cover/a'), address('cover/b'), address('cover/a')])).toEqual([
    '/media/t/cover/a',
    '/media/t/cover/b',
    '/media/t/cover/a',
  ])
  await address('cover/b')
  expect(requests).toEqual([['cover/a', 'cover/b']])
})

test('a request that fails is asked again the next time', async () => {
  let isBroken = true
  const address = createMediaTickets(async (ids) => {
    if (isBroken) throw new Error('down')
    return Object.fromEntries(ids.map((id) => [id, `/media/t/${id}`]))
  })
  await expect(address('cover/a')).rejects.toThrow('down')
  isBroken = false
  expect(await address('cover/a')).toBe('/media/t/cover/a')
})
