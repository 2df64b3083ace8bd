import { createInterface } from 'node:readline'
import { z } from 'zod'
import { openKeyringStore } from '../../main/adapters/keyring-secret-store.ts'
import { openKeytarStore } from '../../main/adapters/keytar-secret-store.ts'

/** Run inside a session that has a keychain: `<keytar|keyring> <service>`; each line of input is one operation, each line of output its answer. */
const [backend, service = ''] = process.argv.slice(2)
const Operation = z.object({ op: z.enum(['get', 'set', 'delete']), name: z.string(), value: z.string().optional() })

const store = await (backend === 'keytar' ? openKeytarStore(service) : openKeyringStore(service))

for await (const line of createInterface({ input: process.stdin })) {
  const { op, name, value = '' } = Operation.parse(JSON.parse(line))
  const answer = await (op === 'set' ? store.set(name, value) : store[op](name)).then(
    (result) => ({ result: result ?? null }),
    (error: unknown) => ({ failure: error instanceof Error && 'code' in error ? error.code : String(error) }),
  )
  process.stdout.write(`${JSON.stringify(answer)}\n`)
}
process.exit(0)
