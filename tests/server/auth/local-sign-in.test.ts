import { beforeAll, expect, it } from 'vitest'
import { describeEachEngine } from '../../_kit/databases.ts'
import { type SignInServer, startSignInServer } from '../../_kit/sign-in-server.ts'

const PASSWORD = 'correct horse battery'

describeEachEngine('local sign-in through supabase-js', (open) => {
  let server: SignInServer
  beforeAll(async () => {
    server = await startSignInServer({ db: (await open()).db })
    return () => server[Symbol.asyncDispose]()
  })

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
    const { data, error } = await client.auth.signInWithPassword({ email: 'ada@example.com', password: PASSWORD })
    expect(error).toBeNull()
    const claims = await client.auth.getClaims()
    expect(claims.data?.claims.sub).toBe(data.user?.id)
    const me = await server.call('me', {}, { session: data.session?.access_token ?? '' })
    expect(me).toMatchObject({
      status: 200,
      body: { email: 'ada@example.com', fullName: 'Ada', role: 'user', status: 'active' },
    })
  })
})
