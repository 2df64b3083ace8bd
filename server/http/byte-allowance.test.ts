import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { ByteAllowance } from './byte-allowance.ts'

const KIB = 1024
const MIB = 1024 * KIB

describe('the allowance of a stream', () => {
  it('counts every byte before it is sent, at most 1 MiB ahead within the first, and never more than 11 MiB', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.integer({ min: 1, max: 60 * MIB }),
        fc.array(fc.integer({ min: 1, max: 1024 }), { minLength: 1 }),
        async (length, chunks) => {
          let counted = Math.min(256 * KIB, length)
          const allowance = new ByteAllowance(length, async (block) => {
            counted += block
            return true
          })
          let sent = 0
          for (let turn = 0; sent < length; turn += 1) {
            const chunk = Math.min((chunks[turn % chunks.length] ?? 1) * KIB, length - sent)
            await allowance.spend(chunk)
            sent += chunk
            await allowance.settle()
            expect(counted).toBeGreaterThanOrEqual(sent)
            expect(counted - sent).toBeLessThanOrEqual(sent <= MIB ? MIB : 11 * MIB)
            expect(allowance.unsent).toBe(counted - sent)
          }
          expect(counted).toBe(length)
        },
      ),
      { numRuns: 40 },
    )
  })

  it('needs no count of its own for what the token counted, and few for a long file', async () => {
    const blocks: number[] = []
    const small = new ByteAllowance(200 * KIB, async () => false)
    await small.spend(200 * KIB)
    expect(small.unsent).toBe(0)
    const long = new ByteAllowance(10_000_000, async (block) => blocks.push(block) > 0)
    for (let left = 10_000_000; left > 0; left -= MIB) await long.spend(Math.min(MIB, left))
    expect(blocks.length).toBeLessThanOrEqual(2)
    expect(long.unsent).toBe(0)
  })

  it('sends nothing of a block that was refused, nor after it', async () => {
    const allowance = new ByteAllowance(10 * MIB, async () => false)
    await allowance.spend(256 * KIB)
    await expect(allowance.spend(1)).rejects.toMatchObject({ code: 'attempt-closed' })
    await expect(allowance.spend(1)).rejects.toMatchObject({ code: 'attempt-closed' })
    expect(allowance.unsent).toBe(0)
  })

  it('tells a refusal that came while it counted ahead to whoever spends next', async () => {
    let may = true
    const allowance = new ByteAllowance(40 * MIB, async () => may)
    for (let sent = 0; sent < 2 * MIB; sent += 256 * KIB) await allowance.spend(256 * KIB)
    await allowance.settle()
    may = false
    const rest = async (): Promise<void> => {
      for (;;) await allowance.spend(256 * KIB)
    }
    await expect(rest()).rejects.toMatchObject({ code: 'attempt-closed' })
  })

  it('refuses more than the length', async () => {
    const allowance = new ByteAllowance(1000, async () => true)
    await expect(allowance.spend(1001)).rejects.toMatchObject({ code: 'storage-unavailable' })
  })
})
