import path from 'node:path'
import { AppError } from '../contract/errors.ts'

export type DatabaseTarget =
  | { readonly kind: 'pglite'; readonly dataDir: string }
  | { readonly kind: 'postgres'; readonly url: string; readonly poolSize: number }

export type ObjectStoreTarget =
  | { readonly kind: 'files'; readonly folder: string }
  | {
      readonly kind: 's3'
      readonly endpoint: string
      readonly bucket: string
      readonly accessKeyId: string
      readonly secretAccessKey: string
    }

/** The figures of the rate limits and of the delivery protocol; each can be changed without a migration. */
export interface ServerConfig {
  readonly mode: 'local' | 'production'
  readonly host: string
  /** 0: any free port. */
  readonly port: number
  /** The origin that clients name: JWT issuer, DPoP `htu` and public links are built from it, never from the socket. */
  readonly publicOrigin: string
  readonly dataDir: string
  readonly database: DatabaseTarget
  readonly objects: ObjectStoreTarget
  /** The Supabase project in production; null in local mode, where this server signs in itself. */
  readonly supabase: { readonly url: string; readonly publishableKey: string } | null
  readonly stripe: { readonly secretKey: string; readonly webhookSecret: string } | null
  readonly razorpay: { readonly keyId: string; readonly keySecret: string; readonly webhookSecret: string } | null
  /** Addresses (CIDR) of proxies whose `X-Forwarded-For` counts. */
  readonly trustedProxies: readonly string[]
  readonly logLevel: 'silent' | 'error' | 'warn' | 'info' | 'debug'
  /** Which demo catalogue a local server makes. */
  readonly seed: 'full' | 'four-tracks' | 'none'
  /** Where rendered demo content is kept between starts; several data folders may share one. */
  readonly demoCache: string
  /** Secrets from the environment in production; null: rows of `app.server_secrets`. */
  readonly secrets: Readonly<Record<string, { readonly current: string; readonly previous: string | null }>> | null
}

const LOOPBACK = new Set(['127.0.0.1', '::1', 'localhost', '[::1]'])

/** Reads and checks the server's whole configuration; nothing else reads the environment. Throws `invalid-config` naming every problem. */
export function readServerConfig(env: NodeJS.ProcessEnv): ServerConfig {
  const problems: string[] = []
  const mode = env['MIXMINT_MODE'] ?? 'local'
  if (mode !== 'local' && mode !== 'production')
    throw new AppError('invalid-config', `MIXMINT_MODE is "${mode}"; it must be local or production.`)
  const dataDir = path.resolve(env['MIXMINT_DATA_DIR'] ?? '.mixmint')
  const host = env['MIXMINT_SERVER_HOST'] ?? (mode === 'local' ? '127.0.0.1' : '0.0.0.0')
  const port = readPort(env['MIXMINT_SERVER_PORT'], problems)
  const publicOrigin = (env['MIXMINT_PUBLIC_ORIGIN'] ?? (mode === 'local' ? `http://127.0.0.1:${port}` : '')).replace(
    /\/$/,
    '',
  )
  const databaseUrl = env['DATABASE_URL']
  const supabaseUrl = env['SUPABASE_URL']
  const stripe = readGroup(env, { secretKey: 'STRIPE_SECRET_KEY', webhookSecret: 'STRIPE_WEBHOOK_SECRET' }, problems)
  const razorpay = readGroup(
    env,
    { keyId: 'RAZORPAY_KEY_ID', keySecret: 'RAZORPAY_KEY_SECRET', webhookSecret: 'RAZORPAY_WEBHOOK_SECRET' },
    problems,
  )
  const s3 = readGroup(
    env,
    {
      endpoint: 'S3_ENDPOINT',
      bucket: 'S3_BUCKET',
      accessKeyId: 'S3_ACCESS_KEY_ID',
      secretAccessKey: 'S3_SECRET_ACCESS_KEY',
    },
    problems,
  )
  if (mode === 'local') {
    if (!LOOPBACK.has(host))
      problems.push(`MIXMINT_SERVER_HOST is ${host}; local mode binds to this computer only (127.0.0.1).`)
    if (!isLoopbackOrigin(publicOrigin))
      problems.push(`MIXMINT_PUBLIC_ORIGIN is ${publicOrigin}; local mode needs an origin on this computer.`)
  } else {
    if (!publicOrigin.startsWith('https://')) problems.push('MIXMINT_PUBLIC_ORIGIN must be an https:// origin.')
    if (databaseUrl === undefined) problems.push('DATABASE_URL is missing.')
    if (supabaseUrl === undefined) problems.push('SUPABASE_URL is missing.')
    if (env['SUPABASE_PUBLISHABLE_KEY'] === undefined) problems.push('SUPABASE_PUBLISHABLE_KEY is missing.')
    if (s3 === null)
      problems.push('Object storage is missing (S3_ENDPOINT, S3_BUCKET, S3_ACCESS_KEY_ID, S3_SECRET_ACCESS_KEY).')
    if (stripe === null && razorpay === null)
      problems.push('A live payment provider is missing (STRIPE_… or RAZORPAY_…).')
    for (const name of [
      'MIXMINT_TEST_CLOCK',
      'MIXMINT_LOCAL_SIGN_IN',
      'MIXMINT_SANDBOX_PAYMENTS',
      'MIXMINT_SANDBOX_OAUTH',
      'MIXMINT_DEMO',
      'MIXMINT_DEMO_CACHE',
      'MIXMINT_MAIL_OUTBOX',
    ])
      if (env[name] !== undefined) problems.push(`${name} exists in local mode only; remove it.`)
  }
  const logLevel = readLogLevel(env['MIXMINT_LOG'], problems)
  const seed = env['MIXMINT_SEED'] ?? (mode === 'local' ? 'full' : 'none')
  if (seed !== 'full' && seed !== 'four-tracks' && seed !== 'none')
    problems.push(`MIXMINT_SEED is "${seed}"; it must be full, four-tracks or none.`)
  if (mode === 'production' && seed !== 'none')
    problems.push('MIXMINT_SEED makes demo content, which exists in local mode only; remove it.')
  if (problems.length > 0) throw new AppError('invalid-config', problems.join('\n'), { problems })
  return {
    mode,
    host,
    port,
    publicOrigin,
    dataDir,
    database:
      databaseUrl === undefined
        ? { kind: 'pglite', dataDir: path.join(dataDir, 'database') }
        : { kind: 'postgres', url: databaseUrl, poolSize: Number(env['DATABASE_POOL_SIZE'] ?? 10) },
    objects: s3 === null ? { kind: 'files', folder: path.join(dataDir, 'objects') } : { kind: 's3', ...s3 },
    supabase:
      mode === 'local' ? null : { url: supabaseUrl ?? '', publishableKey: env['SUPABASE_PUBLISHABLE_KEY'] ?? '' },
    stripe,
    razorpay,
    trustedProxies: (env['TRUSTED_PROXIES'] ?? '')
      .split(',')
      .map((text) => text.trim())
      .filter((text) => text !== ''),
    logLevel,
    seed: seed as ServerConfig['seed'],
    demoCache: path.resolve(env['MIXMINT_DEMO_CACHE'] ?? path.join(dataDir, 'demo')),
    secrets: mode === 'production' ? readSecrets(env) : null,
  }
}

function readPort(text: string | undefined, problems: string[]): number {
  const port = Number(text ?? 4871)
  if (Number.isInteger(port) && port >= 0 && port <= 65_535) return port
  problems.push(`MIXMINT_SERVER_PORT is "${text}"; it must be a port number.`)
  return 0
}

/** All of a group's variables, or null when none is set; some of them is a problem. */
function readGroup<K extends string>(
  env: NodeJS.ProcessEnv,
  names: Record<K, string>,
  problems: string[],
): Record<K, string> | null {
  const entries = Object.entries<string>(names).map(([key, name]) => ({ key, name, value: env[name] }))
  if (entries.every(({ value }) => value === undefined)) return null
  for (const { name, value } of entries)
    if (value === undefined) problems.push(`${name} is missing; its group is set only in part.`)
  return Object.fromEntries(entries.map(({ key, value }) => [key, value ?? ''])) as Record<K, string>
}

function isLoopbackOrigin(origin: string): boolean {
  try {
    return LOOPBACK.has(new URL(origin).hostname)
  } catch {
    return false
  }
}

const LOG_LEVELS = ['silent', 'error', 'warn', 'info', 'debug'] as const

function readLogLevel(text: string | undefined, problems: string[]): ServerConfig['logLevel'] {
  const level = LOG_LEVELS.find((known) => known === (text ?? 'info'))
  if (level === undefined) problems.push(`MIXMINT_LOG is "${text}"; it must be one of ${LOG_LEVELS.join(', ')}.`)
  return level ?? 'info'
}

const SECRET = /^MIXMINT_SECRET_([A-Z_]+?)(_PREVIOUS)?$/

/** `MIXMINT_SECRET_<NAME>` and, during a rotation, `MIXMINT_SECRET_<NAME>_PREVIOUS`. */
function readSecrets(env: NodeJS.ProcessEnv): NonNullable<ServerConfig['secrets']> {
  const secrets: Record<string, { current: string; previous: string | null }> = {}
  for (const [variable, value] of Object.entries(env)) {
    const [, name, isPrevious] = SECRET.exec(variable) ?? []
    if (name === undefined || value === undefined || isPrevious !== undefined) continue
    secrets[name.toLowerCase().replaceAll('_', '-')] = { current: value, previous: env[`${variable}_PREVIOUS`] ?? null }
  }
  return secrets
}
