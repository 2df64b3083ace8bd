import type { PostgresPool, PostgresPoolClient, PostgresQueryResult } from 'kysely'
import pg from 'pg'
import { stripValues } from './error-values.ts'

/**
 * A pool whose connections have all run `onConnect` (one that can not is thrown away, never handed out), and whose errors
 * quote no values.
 */
export function createPostgresPool(config: pg.PoolConfig, onConnect?: string): PostgresPool {
  const pool = new pg.Pool(config)
  // A connection that breaks while idle is replaced at the next use; unheard, its error would end the process.
  pool.on('error', () => undefined)
  const known = new WeakMap<pg.PoolClient, PostgresPoolClient>()

  const prepare = async (client: pg.PoolClient): Promise<PostgresPoolClient> => {
    if (onConnect !== undefined)
      await client.query(onConnect).catch((error: unknown) => {
        client.release(true)
        throw stripValues(error)
      })
    const prepared = withoutValues(client)
    known.set(client, prepared)
    return prepared
  }
  return {
    options: config,
    async connect() {
      const client = await pool.connect()
      return known.get(client) ?? prepare(client)
    },
    end: () => pool.end(),
  }
}

function withoutValues(client: pg.PoolClient): PostgresPoolClient {
  function query<R>(text: string, parameters: readonly unknown[]): Promise<PostgresQueryResult<R>> {
    return client.query(text, [...parameters]).catch((error: unknown) => {
      throw stripValues(error)
    }) as Promise<PostgresQueryResult<R>>
  }
  return { query: query as PostgresPoolClient['query'], release: (destroy) => client.release(destroy) }
}
