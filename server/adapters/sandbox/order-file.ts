import { mkdir, readFile, rename, writeFile } from 'node:fs/promises'
import path from 'node:path'
import { z } from 'zod'
import { Money } from '../../../contract/values.ts'

export const SandboxOrder = z.object({
  id: z.string(),
  paymentId: z.string(),
  amount: Money,
  description: z.string(),
  returnTo: z.string(),
  /** Milliseconds since 1970. */
  expiresAt: z.number(),
  status: z.enum(['pending', 'captured', 'failed', 'cancelled', 'refunded']),
  providerPaymentId: z.string().nullable(),
  /** A late payment is captured by itself at this time (ms); null otherwise. */
  capturesAt: z.number().nullable(),
  refundedMinor: z.int().nonnegative(),
})
export type SandboxOrder = z.infer<typeof SandboxOrder>

const ORDER_ID = /^order_[0-9a-f-]{36}$/

/** The sandbox provider's own books: one file an order, apart from the database, as a real provider's would be. */
export class SandboxOrders {
  readonly #folder: string
  constructor(folder: string) {
    this.#folder = folder
  }

  /** Null when there is no such order. */
  async read(id: string): Promise<SandboxOrder | null> {
    if (!ORDER_ID.test(id)) return null
    const text = await readFile(path.join(this.#folder, `${id}.json`), 'utf8').catch(() => null)
    return text === null ? null : SandboxOrder.parse(JSON.parse(text))
  }

  /** Writes the order whole or not at all. */
  async write(order: SandboxOrder): Promise<void> {
    await mkdir(this.#folder, { recursive: true, mode: 0o700 })
    const file = path.join(this.#folder, `${order.id}.json`)
    const half = `${file}.${process.pid}.tmp`
    await writeFile(half, JSON.stringify(order), { mode: 0o600 })
    await rename(half, file)
  }
}
