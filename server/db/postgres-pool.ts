import type { Socket } from 'node:net'
import type { PostgresPool, PostgresPoolClient, PostgresQueryResult } from 'kysely'
import pg from 'pg'
import { isAnswerless, isEnding, isLast, UnheardFailures } from './answerless.ts'
import { stripValues } from './error-values.ts'
import { StatementNames } from './statement-names.ts'

/** How long a connection may wait for its next use: a new one has everything to plan again, which the first requests after a quiet time would wait for. */
const KEPT_IDLE_MS = 10 * 60_000

export interface PoolOptions {
  /** What each new connection runs first. */
  readonly onConnect?: string | undefined
  /** Whether statements are prepared; not where a pooler lends a connection for one transaction only. */
  readonly isPreparing: boolean
}

/**
 * A pool whose connections have all run `onConnect` (one that can not is thrown away, never handed out), and whose errors
 * quote no values. Statements without an answer are sent together with the next one, and the commit together with the last one.
 */
export function createPostgresPool(config: pg.PoolConfig, { onConnect, isPreparing }: PoolOptions): PostgresPool {
  const pool = new pg.Pool({ idleTimeoutMillis: KEPT_IDLE_MS, ...config, pipeline: true } as pg.PoolConfig)
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
  /** The commit that was sent behind the last statement of the open transaction. */
  let ending: Promise<pg.QueryResult> | null = null

  async function query<R>(text: string, parameters: readonly unknown[]): Promise<PostgresQueryResult<R>> {
    if (ending !== null) {
      const ended = ending
      if (!isEnding(text)) throw new Error('A statement came after the last one of its transaction')
      ending = null
      return (await ended) as unknown as PostgresQueryResult<R>
    }
    const name = parameters.length === 0 ? null : (names?.nameOf(text) ?? null)
    gather(client)
    const running = client.query({ text, values: [...parameters], ...(name === null ? {} : { name }) })
    if (isAnswerless(text)) {
      unheard.ignore(running)
      return { ...NOTHING, rows: [] }
    }
    if (isLast(text)) {
      // After a statement that failed, this takes everything back.
      ending = client.query('commit')
      ending.catch(() => undefined)
    }
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

/** Makes everything that is sent before the next turn of the event loop one write to the socket. */
function gather(client: pg.PoolClient): void {
  const { stream } = (client as unknown as { connection: { stream: Socket } }).connection
  if (stream.writableCorked > 0) return
  stream.cork()
  process.nextTick(() => stream.uncork())
}
