import { randomUUID } from 'node:crypto'
import { beforeAll, expect, it } from 'vitest'
import type { AppError } from '../../../contract/errors.ts'
import { asCaller, asServer } from '../../../server/db/transaction.ts'
import { registerDevice } from '../../../server/domains/identity/register-device.ts'
import { sendQueuedMails } from '../../../server/mail/send-queued.ts'
import { describeEachEngine } from '../../_kit/databases.ts'
import { type DeviceKey, makeDeviceKey } from '../../_kit/device-key.ts'
import { type SignInServer, startSignInServer } from '../../_kit/sign-in-server.ts'

const PASSWORD = 'correct horse battery'
const MINUTE = 60_000

describeEachEngine(
  'devices of an account',
  (open, engine) => {
    let server: SignInServer
    beforeAll(async () => {
      server = await startSignInServer({ db: (await open()).db })
      return () => server[Symbol.asyncDispose]()
    })

    const signIn = async (email: string) => {
      const { data } = await server.client().auth.signInWithPassword({ email, password: PASSWORD })
      return data.session?.access_token ?? ''
    }
    const account = async () => {
      const email = `${randomUUID()}@example.com`
      const { data } = await server.client().auth.signUp({ email, password: PASSWORD })
      return { email, session: data.session?.access_token ?? '', userId: data.user?.id ?? '' }
    }
    const register = (session: string, key: DeviceKey, input: object = {}) =>
      server.call(
        'registerDevice',
        { name: 'Studio', platform: 'linux', kind: 'persistent', ...input },
        { session, key },
      )
    /** Devices of one account, each with the session of its own that it was registered in. */
    const registerMany = async (email: string, count: number) => {
      const devices = []
      for (let n = 0; n < count; n += 1) {
        const [key, session] = [await makeDeviceKey(), await signIn(email)]
        const { status, body } = await register(session, key)
        expect(status).toBe(200)
        devices.push({ key, session, id: body.device.id })
      }
      return devices
    }

    it('R-DC-14: registering keeps the public key of the proof, never another', async () => {
      const { session, userId } = await account()
      const key = await makeDeviceKey()
      const { status, body } = await register(session, key, { name: '  Left deck ', platform: 'macos' })
      expect(status).toBe(200)
      expect(body.device).toMatchObject({
        thumbprint: key.thumbprint,
        name: 'Left deck',
        platform: 'macos',
        revokedAt: null,
      })
      const stored = await asCaller(server.db, { role: 'anon' }, (tx) =>
        asServer(tx, (own) => own.selectFrom('devices').selectAll().where('user_id', '=', userId).execute()),
      )
      expect(stored).toMatchObject([
        { jkt: key.thumbprint, public_key: key.publicJwk, last_ip: expect.stringContaining('127.0.0.1') },
      ])
      expect(JSON.stringify(stored)).not.toContain(key.privateJwk.d)
    })

    it('R-DC-15: the sixth device is refused with the list; removing one makes room', async () => {
      const { email, session } = await account()
      const [first] = await registerMany(email, 5)
      const sixth = await makeDeviceKey()
      const refused = await register(session, sixth)
      expect(refused).toMatchObject({ status: 409, body: { code: 'device-limit', facts: { limit: 5 } } })
      expect(refused.body.facts?.['devices']).toHaveLength(5)
      expect((await server.call('revokeDevice', { deviceId: first?.id }, { session })).status).toBe(200)
      expect((await register(session, sixth)).status).toBe(200)
      const returning = await register(await signIn(email), first?.key ?? sixth)
      expect(returning.body.code, 'the removed one does not come back as a sixth').toBe('device-limit')
    })

    it('R-DC-15: of six devices registered at once beside four others one gets in', async () => {
      const { email, session } = await account()
      await registerMany(email, 4)
      const keys = await Promise.all(Array.from({ length: 6 }, () => makeDeviceKey()))
      const outcomes = await Promise.all(keys.map((key) => register(session, key)))
      expect(outcomes.filter(({ status }) => status === 200)).toHaveLength(1)
      expect(outcomes.filter(({ body }) => body.code === 'device-limit')).toHaveLength(5)
      const { body } = await server.call('listDevices', {}, { session })
      expect(body.devices.filter(({ revokedAt }) => revokedAt === null)).toHaveLength(5)
    })

    it('R-DC-15: of eight transactions that register at the same moment one gets in', async () => {
      const { email, session, userId } = await account()
      await registerMany(email, 4)
      const { sessionId, signedInAt } = await server.services.auth.authenticate(
        {
          ...{ method: 'GET', path: '/api/identity/me', authorization: `Bearer ${session}`, dpop: [] },
          ...{ downloadToken: null, address: '127.0.0.1' },
        },
        'session',
      )
      const keys = await Promise.all(Array.from({ length: 8 }, () => makeDeviceKey()))
      // Each holds its connection before any begins, so that the counting of all falls together.
      let waiting = keys.length
      let begin = () => {}
      const together = new Promise<void>((resolve) => {
        begin = resolve
      })
      const registerNow = ({ thumbprint, publicJwk }: DeviceKey) =>
        asCaller(server.db, { role: 'authenticated', userId }, async (tx) => {
          waiting -= 1
          if (waiting === 0 || engine === 'PGlite') begin()
          await together
          const caller = { userId, sessionId, signedInAt, device: null, address: '127.0.0.1' }
          const context = {
            tx,
            clock: server.clock,
            caller: { ...caller, key: { thumbprint, publicJwk: { ...publicJwk } } },
          }
          return registerDevice(context, { name: 'Studio', platform: 'linux', kind: 'persistent' })
        })
      const outcomes = await Promise.allSettled(keys.map(registerNow))
      expect(outcomes.filter(({ status }) => status === 'fulfilled')).toHaveLength(1)
      const refusals = outcomes.flatMap((outcome) =>
        outcome.status === 'rejected' ? [outcome.reason as AppError] : [],
      )
      expect(new Set(refusals.map(({ code }) => code))).toEqual(new Set(['device-limit']))
    })

    it('R-DC-15: a key that is known keeps its row and its slot, and needs no fresh sign-in', async () => {
      const { email, session } = await account()
      const [first] = await registerMany(email, 5)
      if (first === undefined) throw new Error('no device')
      server.clock.advance(11 * MINUTE)
      const again = await register(session, first.key, { name: 'Renamed' })
      expect(again).toMatchObject({ status: 200, body: { device: { id: first.id, name: 'Renamed' } } })
      expect(again.body.devices).toHaveLength(5)
    })

    it('R-DC-15: a device that lasts one session takes no slot and is gone when the session ends', async () => {
      const { email, session } = await account()
      await registerMany(email, 5)
      const brief = await signIn(email)
      const key = await makeDeviceKey()
      expect((await register(brief, key, { kind: 'session' })).status).toBe(200)
      expect((await server.call('listDevices', {}, { session })).body.devices).toHaveLength(6)
      const asPersistent = await register(brief, key, { kind: 'persistent' })
      expect(asPersistent.body.code, 'it can not turn into a sixth').toBe('device-limit')
      await fetch(`${server.address}/auth/v1/logout?scope=local`, {
        method: 'POST',
        headers: { authorization: `Bearer ${brief}` },
      })
      expect((await server.call('listDevices', {}, { session })).body.devices).toHaveLength(5)
    })

    it('adding a device needs a sign-in of the last ten minutes', async () => {
      const { email, session } = await account()
      server.clock.advance(10 * MINUTE + 1)
      const key = await makeDeviceKey()
      expect((await register(session, key)).body.code).toBe('fresh-sign-in-required')
      expect((await register(await signIn(email), key)).status).toBe(200)
    })

    it('refreshing a session does not make its sign-in fresh', async () => {
      const email = `${randomUUID()}@example.com`
      const client = server.client()
      await client.auth.signUp({ email, password: PASSWORD })
      server.clock.advance(10 * MINUTE + 1)
      const { data } = await client.auth.refreshSession()
      const reply = await register(data.session?.access_token ?? '', await makeDeviceKey())
      expect(reply.body.code).toBe('fresh-sign-in-required')
    })

    it('a key of another account can not be registered', async () => {
      const [mine, other] = [await account(), await account()]
      const key = await makeDeviceKey()
      await register(other.session, key)
      expect(await register(mine.session, key)).toMatchObject({ status: 401, body: { code: 'invalid-dpop-proof' } })
      expect((await server.call('listDevices', {}, { session: other.session })).body.devices).toHaveLength(1)
    })

    it('R-DC-15: a new device is told to the owner by mail, once; a known one is not', async () => {
      const { email, session } = await account()
      const key = await makeDeviceKey()
      await register(session, key, { name: 'Booth <script>' })
      await register(session, key, { name: 'Booth' })
      const before = server.mails.length
      await sendQueuedMails(server.services)
      await sendQueuedMails(server.services)
      const mails = server.mails.slice(before).filter(({ to }) => to === email)
      expect(mails).toHaveLength(1)
      expect(mails[0]?.text).toContain('"Booth <script>" (Linux)')
    })

    it('R-DC-15: removing a device ends its session and its refresh, and no other', async () => {
      const { email, session } = await account()
      const [laptop, studio] = [await makeDeviceKey(), await makeDeviceKey()]
      await register(session, laptop)
      const client = server.client()
      const signedIn = await client.auth.signInWithPassword({ email, password: PASSWORD })
      const second = signedIn.data.session?.access_token ?? ''
      const { body } = await register(second, studio)
      expect((await server.call('revokeDevice', { deviceId: body.device.id }, { session })).status).toBe(200)
      expect((await server.call('me', {}, { session: second })).body.code).toBe('device-revoked')
      expect((await client.auth.refreshSession()).error?.code).toBe('refresh_token_not_found')
      expect((await server.call('me', {}, { session })).status).toBe(200)
      const { body: list } = await server.call('listDevices', {}, { session })
      expect(list.devices.map(({ thumbprint, revokedAt }) => [thumbprint, revokedAt !== null])).toEqual([
        [laptop.thumbprint, false],
        [studio.thumbprint, true],
      ])
      const back = await signIn(email)
      const returned = await register(back, studio)
      expect(returned.body.device).toMatchObject({ id: body.device.id, revokedAt: null })
    })

    it('R-DC-15: removing a device ends the session that used it last, although another registered it', async () => {
      const { email, session } = await account()
      const key = await makeDeviceKey()
      const { body } = await register(session, key)
      const later = await signIn(email)
      await server.services.auth.authenticate(
        {
          ...{ method: 'POST', path: '/api/download/init', authorization: `Bearer ${later}`, downloadToken: null },
          address: '127.0.0.1',
          dpop: [
            await key.prove({
              ...{ method: 'POST', uri: `${server.address}/api/download/init`, accessToken: later },
              ...{ nonce: await server.services.auth.currentNonce(), now: server.clock.now() },
            }),
          ],
        },
        'device',
      )
      await server.call('revokeDevice', { deviceId: body.device.id }, { session })
      expect((await server.call('me', {}, { session: later })).body.code).toBe('device-revoked')
    })

    it('devices of others are not found: neither renamed nor removed', async () => {
      const [mine, other] = [await account(), await account()]
      const { body } = await register(other.session, await makeDeviceKey())
      const deviceId = body.device.id
      expect(await server.call('renameDevice', { deviceId, name: 'Mine' }, mine)).toMatchObject({
        status: 404,
        body: { code: 'not-found' },
      })
      expect(await server.call('revokeDevice', { deviceId }, mine)).toMatchObject({
        status: 404,
        body: { code: 'not-found' },
      })
      const list = await server.call('listDevices', {}, other)
      expect(list.body).toMatchObject({ thisDeviceId: deviceId, devices: [{ name: 'Studio', revokedAt: null }] })
    })

    it('a device can be renamed, and removing it twice changes nothing', async () => {
      const { email, session } = await account()
      const { body } = await register(await signIn(email), await makeDeviceKey())
      const deviceId = body.device.id
      expect((await server.call('renameDevice', { deviceId, name: 'Booth' }, { session })).body.name).toBe('Booth')
      await server.call('revokeDevice', { deviceId }, { session })
      const first = (await server.call('listDevices', {}, { session })).body.devices[0]?.revokedAt
      server.clock.advance(1000)
      expect((await server.call('revokeDevice', { deviceId }, { session })).status).toBe(200)
      expect((await server.call('listDevices', {}, { session })).body.devices[0]?.revokedAt).toBe(first)
    })
  },
  ['PGlite', 'PostgreSQL'],
)
