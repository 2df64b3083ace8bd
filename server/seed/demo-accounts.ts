import type { DemoPlan } from './catalogue-types.ts'
import { seedId } from './seed-id.ts'

export interface DemoAccount {
  readonly id: string
  readonly role: 'listener' | 'dj' | 'admin'
  readonly email: string
  readonly password: string
  readonly displayName: string
  /** The DJ that this account is. */
  readonly djSlug?: string
  /** Slugs of tracks and packs that were bought. */
  readonly ownsTracks: readonly string[]
  readonly ownsPacks: readonly string[]
  readonly plans: readonly { readonly djSlug: string; readonly plan: DemoPlan['plan'] }[]
  /** Slugs of fan uploads that their DJ granted. */
  readonly fanGrants: readonly string[]
}

const NOTHING = { ownsTracks: [], ownsPacks: [], plans: [], fanGrants: [] }

/** The accounts of the demo catalogue; they exist in local mode only. `listener` comes first: it is the one to show. */
export const DEMO_ACCOUNTS: readonly DemoAccount[] = [
  {
    id: seedId('account', 'listener'),
    role: 'listener',
    email: 'listener@mixmint.example',
    password: 'listen-to-the-rain',
    displayName: 'Robin Sharma',
    ownsTracks: ['snow-line', 'zajezdnia'],
    ownsPacks: ['cadiz-radio'],
    plans: [{ djSlug: 'thandeka-mbele', plan: 'pro' }],
    fanGrants: ['terrace-rehearsal'],
  },
  {
    ...NOTHING,
    id: seedId('account', 'member'),
    role: 'listener',
    email: 'member@mixmint.example',
    password: 'front-row-friday',
    displayName: 'Mina Aydın',
    plans: [{ djSlug: 'lukasz-wrobel', plan: 'super' }],
  },
  {
    ...NOTHING,
    id: seedId('dj', 'anaya-rao'),
    role: 'dj',
    email: 'dj@mixmint.example',
    password: 'headline-at-midnight',
    displayName: 'Anaya Rao',
    djSlug: 'anaya-rao',
  },
  {
    ...NOTHING,
    id: seedId('account', 'admin'),
    role: 'admin',
    email: 'admin@mixmint.example',
    password: 'keys-to-the-record-shop',
    displayName: 'Shop Keeper',
  },
]
