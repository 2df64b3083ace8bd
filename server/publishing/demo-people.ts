import { ensureLocalAccount } from '../auth/local/accounts.ts'
import { asCaller } from '../db/transaction.ts'
import type { Catalogue } from '../seed/catalogue.ts'
import { DEMO_ACCOUNTS, type DemoAccount } from '../seed/demo-accounts.ts'
import type { ServerServices } from '../services.ts'
import { addRole, giveContent, giveGrant, givePlan } from './rows.ts'

const PLAN_DAYS = 30
const DAY_MS = 86_400_000

type PeopleServices = Pick<ServerServices, 'db' | 'clock' | 'random'>

/** Whose account is whose: an address that somebody took before keeps its id. */
export interface DemoPeople {
  /** Account ids of the DJs by slug. */
  readonly djIds: ReadonlyMap<string, string>
  /** Account ids of the demo accounts by e-mail address. */
  readonly accountIds: ReadonlyMap<string, string>
}

/** Makes an account for every DJ, without a password, and for every demo account. */
export async function signUpDemoPeople(services: PeopleServices, { djs }: Catalogue): Promise<DemoPeople> {
  const known = new Set(DEMO_ACCOUNTS.map(({ id }) => id))
  const people = [
    ...DEMO_ACCOUNTS.map(({ id, email, password, displayName }) => ({ id, email, password, fullName: displayName })),
    ...djs
      .filter(({ id }) => !known.has(id))
      .map(({ id, slug, djName }) => ({
        ...{ id, email: `${slug}@djs.mixmint.example`, fullName: djName },
        password: null,
      })),
  ]
  const ids = new Map(
    await Promise.all(people.map(async (person) => [person.id, await ensureLocalAccount(services, person)] as const)),
  )
  return {
    djIds: new Map(djs.map(({ id, slug }) => [slug, ids.get(id) ?? id])),
    accountIds: new Map(DEMO_ACCOUNTS.map(({ id, email }) => [email, ids.get(id) ?? id])),
  }
}

/** Gives each demo account what it owns, as far as the catalogue has it. */
export async function equipDemoPeople(
  { db, clock }: PeopleServices,
  catalogue: Catalogue,
  { djIds, accountIds }: DemoPeople,
): Promise<void> {
  await asCaller(
    db,
    { role: 'service_role' },
    async (tx) => {
      for (const account of DEMO_ACCOUNTS) {
        const userId = accountIds.get(account.email) ?? account.id
        if (account.role === 'admin') await addRole(tx, userId, 'admin')
        for (const gift of giftsOf(account, catalogue)) await giveContent(tx, { userId, ...gift })
        for (const upload of catalogue.fanUploads)
          if (account.fanGrants.includes(upload.slug))
            await giveGrant(tx, { userId, fanUploadId: upload.id, djId: djIds.get(upload.dj.slug) ?? upload.dj.id })
        for (const { djSlug, plan } of account.plans) {
          const djId = djIds.get(djSlug)
          const startedAt = clock.now()
          if (djId !== undefined)
            await givePlan(tx, { userId, djId, plan, startedAt, expiresAt: startedAt + PLAN_DAYS * DAY_MS })
        }
      }
    },
    { clock },
  )
}

function giftsOf({ ownsTracks, ownsPacks }: DemoAccount, { tracks, packs }: Catalogue) {
  return [
    ...tracks
      .filter(({ slug }) => ownsTracks.includes(slug))
      .map(({ id, priceMinor }) => ({ kind: 'track' as const, contentId: id, priceMinor })),
    ...packs
      .filter(({ slug }) => ownsPacks.includes(slug))
      .map(({ id, priceMinor }) => ({ kind: 'album' as const, contentId: id, priceMinor })),
  ]
}
