import { beforeAll, expect, test } from 'vitest'
import type { Database } from '../../../server/db/database.ts'
import { asCaller } from '../../../server/db/transaction.ts'
import { describeEachEngine } from '../../_kit/databases.ts'
import { as, PEOPLE, seedPeople } from '../../_kit/people.ts'

describeEachEngine('accounts', (open) => {
  let db: Database
  beforeAll(async () => {
    ;({ db } = await open())
    await seedPeople(db)
  })

  test('R-MM-02: a new user has role user, status active and empty metadata', async () => {
    const profile = await asCaller(db, as('ana'), (tx) =>
      tx.selectFrom('profiles').select(['id', 'full_name', 'role', 'status', 'metadata']).executeTakeFirstOrThrow(),
    )
    expect(profile).toEqual({ id: PEOPLE.ana, full_name: 'ana', role: 'user', status: 'active', metadata: {} })
  })
})
