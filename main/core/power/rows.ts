import type { DatabaseSync } from 'node:sqlite'
import type { QueueCounts } from './rules.ts'

export function countDownloads(db: DatabaseSync): QueueCounts {
  const rows = db.prepare('select status, count(*) as n from downloads group by status').all()
  return Object.fromEntries(rows.map(({ status, n }) => [String(status), Number(n)]))
}
