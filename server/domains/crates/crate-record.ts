import type { CrateRecord } from '../../../contract/crates.ts'
import type { CrateRow } from './rows.ts'

export function toCrateRecord({ id, name, sort_order, revision, items, updated_at }: CrateRow): CrateRecord {
  return {
    id,
    name,
    sortOrder: sort_order,
    revision: Number(revision),
    items: [...items],
    updatedAt: updated_at.toISOString(),
  }
}
