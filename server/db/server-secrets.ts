import { sql } from 'kysely'
import type { Database } from './database.ts'
import { asCaller, asServer } from './transaction.ts'

/** The secret of a name: `fresh` if there was none, else what some process stored before. The primary key decides between two that start at once. */
export async function secretOnceMade(db: Database, name: string, fresh: Buffer): Promise<string> {
  return asCaller(db, { role: 'anon' }, (tx) =>
    asServer(tx, async (server) => {
      await sql`insert into app.server_secrets (name, value) values (${name}, ${fresh}) on conflict (name) do nothing`.execute(
        server,
      )
      const { rows } = await sql<{
        value: Uint8Array
      }>`select value from app.server_secrets where name = ${name}`.execute(server)
      const [row] = rows
      if (row === undefined) throw new Error(`The secret ${name} could not be stored`)
      return Buffer.from(row.value).toString('base64url')
    }),
  )
}
