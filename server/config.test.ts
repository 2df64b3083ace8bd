import { describe, expect, test } from 'vitest'
import { readServerConfig } from './config.ts'

const PRODUCTION = {
  MIXMINT_MODE: 'production',
  MIXMINT_PUBLIC_ORIGIN: 'https://api.mixmint.example',
  DATABASE_URL: 'postgres://mixmint_api@db.example/postgres',
  SUPABASE_URL: 'https://project.supabase.example',
  SUPABASE_PUBLISHABLE_KEY: 'sb_publishable_x',
  S3_ENDPOINT: 'https://account.r2.example',
  S3_BUCKET: 'masters',
  S3_ACCESS_KEY_ID: 'id',
  S3_SECRET_ACCESS_KEY: 'key',
  STRIPE_SECRET_KEY: 'sk',
  STRIPE_WEBHOOK_SECRET: 'whsec',
}

function problemsOf(env: NodeJS.ProcessEnv): string {
  try {
    readServerConfig(env)
    return ''
  } catch (error) {
    return (error as Error).message
  }
}

describe('the server configuration', () => {
  test('local mode needs nothing and binds to this computer', () => {
    expect(readServerConfig({})).toMatchObject({
      mode: 'local',
      host: '127.0.0.1',
      port: 4871,
      publicOrigin: 'http://127.0.0.1:4871',
      database: { kind: 'pglite' },
      objects: { kind: 'files' },
      supabase: null,
    })
  })

  test('production with everything set is accepted', () => {
    expect(readServerConfig(PRODUCTION)).toMatchObject({ mode: 'production', seed: 'none', objects: { kind: 's3' } })
  })

  test.each([
    ['a mode that does not exist', { MIXMINT_MODE: 'staging' }, /MIXMINT_MODE/],
    ['a local server on every interface', { MIXMINT_SERVER_HOST: '0.0.0.0' }, /MIXMINT_SERVER_HOST/],
    [
      'a local server with a public origin',
      { MIXMINT_PUBLIC_ORIGIN: 'https://api.mixmint.example' },
      /MIXMINT_PUBLIC_ORIGIN/,
    ],
    ['a port that is none', { MIXMINT_SERVER_PORT: '70000' }, /MIXMINT_SERVER_PORT/],
    ['a log level that is none', { MIXMINT_LOG: 'loud' }, /MIXMINT_LOG/],
    ['half of an object store', { S3_ENDPOINT: 'http://127.0.0.1:9000' }, /S3_BUCKET is missing/],
  ])('refuses %s and names it', (_, env, message) => {
    expect(problemsOf(env)).toMatch(message)
  })

  test.each(['DATABASE_URL', 'SUPABASE_URL', 'SUPABASE_PUBLISHABLE_KEY', 'MIXMINT_PUBLIC_ORIGIN'])(
    'production without %s is refused and names it',
    (name) => {
      expect(problemsOf({ ...PRODUCTION, [name]: undefined })).toContain(name)
    },
  )

  test.each([
    ['an http origin', { MIXMINT_PUBLIC_ORIGIN: 'http://api.mixmint.example' }, /MIXMINT_PUBLIC_ORIGIN/],
    [
      'no object store',
      { S3_ENDPOINT: undefined, S3_BUCKET: undefined, S3_ACCESS_KEY_ID: undefined, S3_SECRET_ACCESS_KEY: undefined },
      /Object storage/,
    ],
    ['no live payments', { STRIPE_SECRET_KEY: undefined, STRIPE_WEBHOOK_SECRET: undefined }, /payment provider/],
    ['a test clock', { MIXMINT_TEST_CLOCK: '1' }, /MIXMINT_TEST_CLOCK/],
    ['local sign-in', { MIXMINT_LOCAL_SIGN_IN: '1' }, /MIXMINT_LOCAL_SIGN_IN/],
    ['sandbox OAuth', { MIXMINT_SANDBOX_OAUTH: '1' }, /MIXMINT_SANDBOX_OAUTH/],
    ['demo content', { MIXMINT_SEED: 'full' }, /MIXMINT_SEED/],
    ['a cache of demo content', { MIXMINT_DEMO_CACHE: '/tmp/demo' }, /MIXMINT_DEMO_CACHE/],
    ['a mail outbox folder', { MIXMINT_MAIL_OUTBOX: '1' }, /MIXMINT_MAIL_OUTBOX/],
  ])('production with %s is refused', (_, change, message) => {
    expect(problemsOf({ ...PRODUCTION, ...change })).toMatch(message)
  })

  test('R-MM-60: production refuses sandbox payments', () => {
    expect(problemsOf({ ...PRODUCTION, MIXMINT_SANDBOX_PAYMENTS: '1' })).toMatch(
      /MIXMINT_SANDBOX_PAYMENTS exists in local mode only/,
    )
  })

  test('every problem is named at once', () => {
    const message = problemsOf({ MIXMINT_MODE: 'production', MIXMINT_TEST_CLOCK: '1' })
    for (const name of [
      'DATABASE_URL',
      'SUPABASE_URL',
      'Object storage',
      'MIXMINT_TEST_CLOCK',
      'MIXMINT_PUBLIC_ORIGIN',
    ])
      expect(message).toContain(name)
  })
})
