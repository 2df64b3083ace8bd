import type { Socket } from 'node:net'
import type { PostgresPool, PostgresPoolClient, PostgresQueryResult } from 'kysely'
import pg from 'pg'
import { isAnswerless, UnheardFailures } from './answerless.ts'
import { stripValues } from './error-values.ts'
import { StatementNames } from './statement-names.ts'

export interface PoolOptions {
  /** What each new connection runs first. */
  readonly onConnect?: string | undefined
  /** Whether statements are prepared; not where a pooler lends a connection for one transaction only. */
  readonly isPreparing: boolean
}

/**
 * A pool whose connections have all run `onConnect` (one that can not is thrown away, never handed out), and whose errors
 * quote no values. Statements without an answer are sent together with the next one.
 */
export function createPostgresPool(config: pg.PoolConfig, { onConnect, isPreparing }: PoolOptions): PostgresPool {
  const pool = new pg.Pool({ ...config, pipeline: true } as pg.PoolConfig)
  const names = isPreparing ? new StatementNames() : null
  // A connection that breaks while idle is replaced at the next use; unheard, its error would end the process.
  pool.on('error', () => undefined)
  const known = new WeakMap<pg.PoolClient, PostgresPoolClient>()

  const prepare = async (client: pg.PoolClient): Promise<PostgresPoolClient> => {
    if (onConnect !== undefined)
      await client.query(onConnect).catch((error: unknown) => {
        client.release(true)
        throw stripValues(error)
      })
    const prepared = toConnection(client, names)
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

const NOTHING = { command: 'SELECT', rowCount: 0, rows: [] } as const

function toConnection(client: pg.PoolClient, names: StatementNames | null): PostgresPoolClient {
  const unheard = new UnheardFailures()
  async function query<R>(text: string, parameters: readonly unknown[]): Promise<PostgresQueryResult<R>> {
    const name = parameters.length === 0 ? null : (names?.nameOf(text) ?? null)
    const { stream } = (client as unknown as { connection: { stream: Socket } }).connection
    // What goes together with the next statement is one write to the socket with it.
    if (isAnswerless(text) && stream.writableCorked === 0) stream.cork()
    const running = client.query({ text, values: [...parameters], ...(name === null ? {} : { name }) })
    if (isAnswerless(text)) {
      unheard.ignore(running)
      return { ...NOTHING, rows: [] }
    }
    while (stream.writableCorked > 0) stream.uncork()
    try {
      const result = await running
      unheard.forget()
      return result as unknown as PostgresQueryResult<R>
    } catch (error) {
      throw stripValues(unheard.causeOf(error))
    }
  }
  return { query: query as PostgresPoolClient['query'], release: (destroy) => client.release(destroy) }
}
