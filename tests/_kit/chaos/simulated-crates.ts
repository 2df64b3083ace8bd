import { isDeepStrictEqual } from 'node:util'
import type { CrateRecord } from '../../../contract/crates.ts'
import { AppError } from '../../../contract/errors.ts'

/** The server's side of crates, for an account with one computer. */
export function createSimulatedCrates() {
  const records = new Map<string, CrateRecord>()
  return {
    /** Answers one of its calls. Throws what the server refuses with. */
    call(name: string, input: unknown): unknown {
      if (name === 'crates.listRecords') return { crates: [...records.values()] }
      if (name !== 'crates.saveRecord') throw new AppError('unknown-call')
      const { id, name: title, items, baseRevision } = input as CrateRecord & { readonly baseRevision: number }
      const present = records.get(id)
      // What is there already, as when an answer was lost.
      if (present !== undefined && isDeepStrictEqual([present.name, present.items], [title, items])) return present
      if ((present?.revision ?? 0) !== baseRevision) throw new AppError('revision-conflict', undefined, { present })
      const updatedAt = '2026-01-01T00:00:00.000Z'
      records.set(id, { id, name: title, items, sortOrder: 0, revision: baseRevision + 1, updatedAt })
      return records.get(id)
    },
  }
}
