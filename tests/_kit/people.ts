import type { Database } from '../../server/db/database.ts'
import { asCaller, asLocalSignIn, type Caller } from '../../server/db/transaction.ts'

/** Fixed ids, so that a failing test names the same people every time. */
export const PEOPLE = {
  /** Two listeners. */
  ana: '00000000-0000-4000-8000-00000000000a',
  bo: '00000000-0000-4000-8000-00000000000b',
  /** Two approved DJs. */
  nova: '00000000-0000-4000-8000-0000000000d1',
  vega: '00000000-0000-4000-8000-0000000000d2',
  /** Has role `admin` and an `admin_users` row. */
  admin: '00000000-0000-4000-8000-0000000000ad',
  /** Status `suspended`. */
  suspended: '00000000-0000-4000-8000-0000000000bd',
} as const
export type PersonName = keyof typeof PEOPLE

/** The person as the caller of a transaction. */
export function as(name: PersonName): Caller & { readonly role: 'authenticated' } {
  return { role: 'authenticated', userId: PEOPLE[name] }
}

export const ANON: Caller = { role: 'anon' }
export const SERVICE: Caller = { role: 'service_role' }

/** Signs the people up as the sign-in does, and gives DJs, administrator and the suspended account what they have. */
export async function seedPeople(db: Database): Promise<typeof PEOPLE> {
  await asLocalSignIn(db, async (tx) => {
    await tx
      .insertInto('auth.users')
      .values(
        Object.entries(PEOPLE).map(([name, id]) => ({
          id,
          email: `${name}@people.example`,
          raw_user_meta_data: JSON.stringify({ full_name: name }),
        })),
      )
      .execute()
  })
  await asCaller(db, SERVICE, async (tx) => {
    await tx
      .insertInto('dj_profiles')
      .values([
        { user_id: PEOPLE.nova, dj_name: 'Nova', slug: 'nova', status: 'approved' },
        { user_id: PEOPLE.vega, dj_name: 'Véga', slug: 'vega', status: 'approved' },
      ])
      .execute()
    await tx
      .insertInto('user_roles')
      .values([
        { user_id: PEOPLE.nova, role: 'dj' },
        { user_id: PEOPLE.vega, role: 'dj' },
        { user_id: PEOPLE.admin, role: 'admin' },
      ])
      .execute()
    await tx
      .insertInto('admin_users')
      .values({ id: PEOPLE.admin, email: 'admin@people.example', password_hash: 'scrypt$none', role: 'admin' })
      .execute()
    await tx.updateTable('profiles').set({ status: 'suspended' }).where('id', '=', PEOPLE.suspended).execute()
  })
  return PEOPLE
}
