import { createHook } from 'node:async_hooks'
import { randomUUID } from 'node:crypto'
import { beforeAll, expect, it } from 'vitest'
import { takeFromBucket } from '../../../server/rate-limits/buckets.ts'
import { describeEachEngine } from '../../_kit/databases.ts'
import { type SignInServer, startSignInServer } from '../../_kit/sign-in-server.ts'

const PASSWORD = 'correct horse battery'
const MINUTE = 60_000

describeEachEngine('local sign-in through supabase-js', (open) => {
  let server: SignInServer
  beforeAll(async () => {
    server = await startSignInServer({ db: (await open()).db })
    return () => server[Symbol.asyncDispose]()
  })

  const newMail = (): string => `${randomUUID()}@example.com`
  const signedUp = async (email = newMail()) => {
    const client = server.client()
    const { data, error } = await client.auth.signUp({ email, password: PASSWORD })
    if (error !== null || data.session === null) throw error ?? new Error('no session')
    return { email, client, session: data.session, userId: data.session.user.id }
  }

  it('R-MM-04: signs up, signs out and signs in with e-mail and password', async () => {
    const client = server.client()
    const signedUp = await client.auth.signUp({
      email: 'Ada@Example.com',
      password: PASSWORD,
      options: { data: { full_name: 'Ada' } },
    })
    expect(signedUp.error).toBeNull()
    expect(signedUp.data.session?.user.email).toBe('ada@example.com')
    expect((await client.auth.signOut()).error).toBeNull()
    const { data, error } = await client.auth.signInWithPassword({ email: 'ADA@example.com', password: PASSWORD })
    expect(error).toBeNull()
    const claims = await client.auth.getClaims()
    expect(claims.data?.claims.sub).toBe(data.user?.id)
    const me = await server.call('me', {}, { session: data.session?.access_token ?? '' })
    expect(me).toMatchObject({
      status: 200,
      body: { email: 'ada@example.com', fullName: 'Ada', role: 'user', status: 'active' },
    })
  })

  it('R-MM-01: the account is the profile of the user that sign-in made', async () => {
    const { session, userId } = await signedUp()
    expect((await server.call('me', {}, { session: session.access_token })).body.id).toBe(userId)
  })

  it('a wrong password and an unknown address are told apart by nothing', async () => {
    const { email } = await signedUp()
    const answers = []
    for (const tried of [email, newMail()]) {
      const { error } = await server.client().auth.signInWithPassword({ email: tried, password: 'wrong password' })
      answers.push({ status: error?.status, code: error?.code, message: error?.message })
    }
    expect(answers[0]).toMatchObject({ status: 400, code: 'invalid_credentials' })
    expect(answers[1]).toEqual(answers[0])
  })

  it('an unknown address costs the same hash of the password as a known one', async () => {
    const { email } = await signedUp()
    const hashes = async (tried: string): Promise<number> => {
      let count = 0
      const hook = createHook({
        init: (_id, type) => {
          if (type === 'SCRYPTREQUEST') count += 1
        },
      }).enable()
      await server.client().auth.signInWithPassword({ email: tried, password: 'wrong password' })
      hook.disable()
      return count
    }
    expect(await hashes(email)).toBe(1)
    expect(await hashes(newMail())).toBe(1)
  })

  it('signing up again: the right password signs in, a wrong one gets a made-up user, no session, and the owner a mail', async () => {
    const { email, userId } = await signedUp()
    const again = await server.client().auth.signUp({ email, password: PASSWORD })
    expect(again.data.session?.user.id).toBe(userId)
    const before = server.mails.length
    const { data, error } = await server.client().auth.signUp({ email, password: 'not the password' })
    expect(error).toBeNull()
    expect(data.session).toBeNull()
    expect(data.user).toMatchObject({ email, identities: [] })
    expect(data.user?.id).not.toBe(userId)
    expect(server.mails.slice(before)).toMatchObject([{ to: email, subject: 'You already have a MixMint account' }])
  })

  it('of ten sign-ups of one address at once one makes the account', async () => {
    const email = newMail()
    const tries = Array.from({ length: 8 }, (_, n) =>
      server.client().auth.signUp({ email, password: `${PASSWORD}${n}` }),
    )
    const sessions = (await Promise.all(tries)).map(({ data }) => data.session).filter((session) => session !== null)
    expect(sessions).toHaveLength(1)
  })

  it('a password of seven characters is too weak, one of 201 is refused', async () => {
    const weak = await server.client().auth.signUp({ email: newMail(), password: '1234567' })
    expect(weak.error).toMatchObject({ name: 'AuthWeakPasswordError', status: 422, reasons: ['length'] })
    const long = await server.client().auth.signUp({ email: newMail(), password: 'x'.repeat(201) })
    expect(long.error).toMatchObject({ status: 400, code: 'validation_failed' })
  })

  it('an address that is none is refused', async () => {
    for (const email of ['nobody', 'a@b', `${'x'.repeat(250)}@example.com`, 'a b@example.com'])
      expect((await server.client().auth.signUp({ email, password: PASSWORD })).error?.code).toBe('validation_failed')
  })

  it('refreshing gives the next token, and the session stays the same', async () => {
    const { client, session } = await signedUp()
    const next = await client.auth.refreshSession()
    expect(next.error).toBeNull()
    expect(next.data.session?.refresh_token).not.toBe(session.refresh_token)
    const sessionIds = [session, next.data.session].map((each) => readClaims(each?.access_token ?? '')['session_id'])
    expect(new Set(sessionIds).size).toBe(1)
  })

  it('a refresh token that comes again within ten seconds is a lost answer; later it is a copy and ends the session', async () => {
    const { session } = await signedUp()
    const { refresh_token } = session
    const refresh = () => server.client().auth.refreshSession({ refresh_token })
    const first = await refresh()
    server.clock.advance(10_000)
    const lost = await refresh()
    expect(lost.error).toBeNull()
    server.clock.advance(1)
    const copy = await refresh()
    expect(copy.error?.code).toBe('refresh_token_already_used')
    for (const { data } of [first, lost]) {
      const branch = { refresh_token: data.session?.refresh_token ?? '' }
      expect((await server.client().auth.refreshSession(branch)).error?.code).toBe('refresh_token_not_found')
    }
    const call = await server.call('me', {}, { session: first.data.session?.access_token ?? '' })
    expect(call).toMatchObject({ status: 401, body: { code: 'session-expired' } })
  })

  it('an invented refresh token signs the client out', async () => {
    const { error } = await server.client().auth.refreshSession({ refresh_token: 'invented' })
    expect(error).toMatchObject({ status: 400, code: 'refresh_token_not_found' })
  })

  it('signing out ends this session, the others, or all', async () => {
    const { email, client } = await signedUp()
    const other = server.client()
    await other.auth.signInWithPassword({ email, password: PASSWORD })
    const third = server.client()
    await third.auth.signInWithPassword({ email, password: PASSWORD })
    await third.auth.signOut({ scope: 'local' })
    expect((await client.auth.getUser()).error).toBeNull()
    await client.auth.signOut({ scope: 'others' })
    expect((await other.auth.getUser()).error?.name).toBe('AuthSessionMissingError')
    expect((await client.auth.getUser()).error).toBeNull()
    const { data } = await client.auth.getSession()
    await client.auth.signOut()
    const call = await server.call('me', {}, { session: data.session?.access_token ?? '' })
    expect(call).toMatchObject({ status: 401, body: { code: 'session-expired' } })
  })

  it('a new password ends every other session, and only the new one signs in', async () => {
    const { email, client } = await signedUp()
    const other = server.client()
    await other.auth.signInWithPassword({ email, password: PASSWORD })
    expect((await client.auth.updateUser({ password: PASSWORD })).error?.code).toBe('same_password')
    expect((await client.auth.updateUser({ password: 'short' })).error?.code).toBe('weak_password')
    expect((await client.auth.updateUser({ password: 'a new pass phrase' })).error).toBeNull()
    expect((await other.auth.getUser()).error?.name).toBe('AuthSessionMissingError')
    expect((await client.auth.getUser()).error).toBeNull()
    const old = await server.client().auth.signInWithPassword({ email, password: PASSWORD })
    expect(old.error?.code).toBe('invalid_credentials')
    const fresh = await server.client().auth.signInWithPassword({ email, password: 'a new pass phrase' })
    expect(fresh.error).toBeNull()
  })

  it('metadata of a user is merged; the e-mail address can not be changed', async () => {
    const { client } = await signedUp()
    await client.auth.updateUser({ data: { a: 1 } })
    const { data } = await client.auth.updateUser({ data: { b: 2 } })
    expect(data.user?.user_metadata).toMatchObject({ a: 1, b: 2 })
    expect((await client.auth.updateUser({ email: newMail() })).error?.code).toBe('validation_failed')
  })

  it('a session is good for an hour', async () => {
    const { session } = await signedUp()
    server.clock.advance(60 * MINUTE)
    const soon = await server.call('me', {}, { session: session.access_token })
    expect(soon.status).toBe(200)
    server.clock.advance(6_000)
    const late = await server.call('me', {}, { session: session.access_token })
    expect(late).toMatchObject({ status: 401, body: { code: 'not-signed-in' } })
  })

  it('R-MM-75: ten wrong passwords for one account in 15 minutes, then a pause that the right one shares', async () => {
    const { email } = await signedUp()
    // Windows are fixed in time; from the start of one the sign-up above no longer counts.
    server.clock.advance(15 * MINUTE)
    const sign = (password: string) => server.client().auth.signInWithPassword({ email, password })
    for (let n = 0; n < 10; n += 1) expect((await sign(`wrong ${n}`)).error?.code).toBe('invalid_credentials')
    expect((await sign('wrong again')).error).toMatchObject({ status: 429, code: 'over_request_rate_limit' })
    expect((await sign(PASSWORD)).error).toMatchObject({ status: 429 })
    const again = await server.client().auth.signUp({ email, password: PASSWORD })
    expect(again.error, 'signing up is no way around').toMatchObject({ status: 429 })
    server.clock.advance(15 * MINUTE)
    expect((await sign(PASSWORD)).error).toBeNull()
  })

  it('R-MM-75: guessing a password by signing up again counts like signing in', async () => {
    const { email } = await signedUp()
    server.clock.advance(15 * MINUTE)
    const guess = (n: number) => server.client().auth.signUp({ email, password: `wrong guess ${n}` })
    for (let n = 0; n < 10; n += 1) expect((await guess(n)).error).toBeNull()
    expect((await guess(10)).error).toMatchObject({ status: 429 })
    expect((await server.client().auth.signInWithPassword({ email, password: PASSWORD })).error?.status).toBe(429)
  })

  it('R-MM-75: making accounts counts, so one address makes a hundred in 15 minutes', async () => {
    server.clock.advance(15 * MINUTE)
    for (let n = 0; n < 99; n += 1)
      await takeFromBucket(server.db, 'sign-in-by-address', '127.0.0.1/32', server.clock.now())
    await signedUp()
    const { error } = await server.client().auth.signUp({ email: newMail(), password: PASSWORD })
    expect(error).toMatchObject({ status: 429 })
    server.clock.advance(15 * MINUTE)
  })

  it('R-MM-75: a right password gives its hit back, so signing in often is no abuse', async () => {
    const { email } = await signedUp()
    for (let n = 0; n < 12; n += 1)
      expect((await server.client().auth.signInWithPassword({ email, password: PASSWORD })).error).toBeNull()
  })

  it('R-MM-75: an unknown address is limited like a known one, with Retry-After', async () => {
    server.clock.advance(15 * MINUTE)
    const email = newMail()
    const sign = () =>
      fetch(`${server.address}/auth/v1/token?grant_type=password`, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify({ email, password: 'wrong password' }),
      })
    for (let n = 0; n < 10; n += 1) expect((await sign()).status).toBe(400)
    const refused = await sign()
    expect(refused.status).toBe(429)
    expect(Number(refused.headers.get('retry-after'))).toBeGreaterThan(0)
    expect(Number(refused.headers.get('retry-after'))).toBeLessThanOrEqual(15 * 60)
  })

  it('R-MM-75: a hundred wrong passwords from one address in 15 minutes, whatever the accounts', async () => {
    const { email } = await signedUp()
    server.clock.advance(15 * MINUTE)
    for (let n = 0; n < 100; n += 1)
      await takeFromBucket(server.db, 'sign-in-by-address', '127.0.0.1/32', server.clock.now())
    const { error } = await server.client().auth.signInWithPassword({ email, password: PASSWORD })
    expect(error).toMatchObject({ status: 429, code: 'over_request_rate_limit' })
    server.clock.advance(15 * MINUTE)
    expect((await server.client().auth.signInWithPassword({ email, password: PASSWORD })).error).toBeNull()
  })

  it('a form of another web page signs nobody up', async () => {
    const form = new URLSearchParams({ email: newMail(), password: PASSWORD })
    const reply = await fetch(`${server.address}/auth/v1/signup`, { method: 'POST', body: form })
    expect(reply.status).toBe(400)
    const text = await fetch(`${server.address}/auth/v1/signup`, { method: 'POST', body: '{}' })
    expect(text.status).toBe(400)
  })

  it('malformed bodies get a code, and older clients the older form', async () => {
    const post = (body: string, headers = {}) =>
      fetch(`${server.address}/auth/v1/signup`, {
        method: 'POST',
        headers: { 'content-type': 'application/json', ...headers },
        body,
      })
    const versioned = { 'x-supabase-api-version': '2024-01-01' }
    expect(await (await post('{', versioned)).json()).toMatchObject({ code: 'bad_json' })
    expect(await (await post('[]', versioned)).json()).toMatchObject({ code: 'validation_failed' })
    expect(await (await post('{', {})).json()).toMatchObject({ code: 400, error_code: 'bad_json' })
  })

  it('nothing of a password or token reaches the log', () => {
    expect(JSON.stringify(server.log)).not.toContain(PASSWORD)
  })
})

function readClaims(jwt: string): Record<string, unknown> {
  return JSON.parse(Buffer.from(jwt.split('.')[1] ?? '', 'base64url').toString()) as Record<string, unknown>
}
