import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { openFileObjectStore } from '../../../server/adapters/object-store-files.ts'
import { systemRandom } from '../../../server/adapters/system-random.ts'
import { ensureLocalAccount } from '../../../server/auth/local/accounts.ts'
import { readServerConfig } from '../../../server/config.ts'
import { asCaller, type ServerTransaction } from '../../../server/db/transaction.ts'
import { findAccess } from '../../../server/domains/entitlements/public.ts'
import { publishDemo } from '../../../server/publishing/publish-demo.ts'
import { demoCatalogue } from '../../../server/seed/catalogue.ts'
import { DEMO_ACCOUNTS } from '../../../server/seed/demo-accounts.ts'
import type { ServerServices } from '../../../server/services.ts'
import { freshDatabase, type TestDatabase } from '../../_kit/databases.ts'
import { SERVICE } from '../../_kit/people.ts'
import { handClock, idOf } from '../../_kit/shop.ts'

describe('demo accounts', () => {
  const clock = handClock()
  const catalogue = demoCatalogue()
  const earlyBird = idOf('somebody who took the address before')
  let opened: TestDatabase
  let folder: string

  const asService = <T>(work: (tx: ServerTransaction) => Promise<T>) => asCaller(opened.db, SERVICE, work, { clock })
  const idBy = (email: string) =>
    asService(
      async (tx) =>
        (await tx.selectFrom('profiles').select('id').where('email', '=', email).executeTakeFirstOrThrow()).id,
    )

  beforeAll(async () => {
    opened = await freshDatabase('PGlite')
    folder = await mkdtemp(path.join(tmpdir(), 'mixmint-accounts-'))
    const config = readServerConfig({ MIXMINT_DATA_DIR: folder })
    const objects = openFileObjectStore(folder)
    const services = { db: opened.db, clock, random: systemRandom, config, objects } as unknown as ServerServices
    await ensureLocalAccount(services, {
      id: earlyBird,
      email: 'listener@mixmint.example',
      password: null,
      fullName: null,
    })
    await publishDemo(services, { signal: AbortSignal.abort() })
  })
  afterAll(async () => {
    await opened[Symbol.asyncDispose]()
    await rm(folder, { recursive: true, force: true })
  })

  it('have what is declared of them, also under an address that was taken before', async () => {
    for (const account of DEMO_ACCOUNTS) {
      const userId = await idBy(account.email)
      const access = (contentType: 'track' | 'album' | 'fan', contentId: string) =>
        asService((tx) => findAccess(tx, userId, { contentType, contentId }, clock.now()))
      for (const { id, slug } of catalogue.tracks)
        if (account.ownsTracks.includes(slug)) expect(await access('track', id)).toMatchObject({ source: 'purchase' })
      for (const { id, slug } of catalogue.packs)
        if (account.ownsPacks.includes(slug)) expect(await access('album', id)).toMatchObject({ source: 'purchase' })
      for (const { id, slug } of catalogue.fanUploads)
        if (account.fanGrants.includes(slug))
          expect(await access('fan', id)).toMatchObject({ source: 'fan_entitlement' })
      for (const { djSlug, plan } of account.plans) {
        const tracks = catalogue.tracks.filter(({ dj }) => dj.slug === djSlug)
        const open = await Promise.all(tracks.map(async ({ id }) => (await access('track', id)).isAllowed))
        expect(open).toEqual(tracks.map(({ isFanOnly }) => isFanOnly !== true || plan === 'super'))
      }
    }
    expect(await idBy('listener@mixmint.example')).toBe(earlyBird)
    expect(DEMO_ACCOUNTS[0]?.ownsTracks.length).toBeGreaterThan(0)
  })

  it('R-MM-37: every DJ offers the three plans, and a plan that runs has their quotas', async () => {
    const plans = await asService((tx) =>
      tx.selectFrom('dj_plans').select(['plan', 'price_minor', 'tracks_quota']).execute(),
    )
    expect(plans).toHaveLength(catalogue.djs.length * 3)
    const running = await asService((tx) =>
      tx
        .selectFrom('dj_subscriptions')
        .select(['plan', 'tracks_quota', 'zip_quota', 'fan_uploads_quota'])
        .orderBy('plan')
        .execute(),
    )
    expect(running).toEqual([
      { plan: 'pro', tracks_quota: 25, zip_quota: 3, fan_uploads_quota: 1 },
      { plan: 'super', tracks_quota: 60, zip_quota: 8, fan_uploads_quota: 5 },
    ])
  })

  it('the administrator is one, and the DJs are approved', async () => {
    const roles = await asService((tx) =>
      tx.selectFrom('profiles').select(['email', 'role']).where('role', '<>', 'user').execute(),
    )
    expect(roles.filter(({ role }) => role === 'admin').map(({ email }) => email)).toEqual(['admin@mixmint.example'])
    expect(roles.filter(({ role }) => role === 'dj')).toHaveLength(catalogue.djs.length)
    const djs = await asService((tx) => tx.selectFrom('dj_profiles').select('status').execute())
    expect(new Set(djs.map(({ status }) => status))).toEqual(new Set(['approved']))
  })
})
