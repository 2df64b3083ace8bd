import { sql } from 'kysely'
import { beforeAll, describe, expect, test } from 'vitest'
import type { Database } from '../../../server/db/database.ts'
import { describeEachEngine } from '../../_kit/databases.ts'
import { seedPeople } from '../../_kit/people.ts'
import { type PublicTable, seedFixtures } from './fixtures.ts'
import { actualCells, expectedCells, type Labels, labelsOf, OPERATIONS } from './rls-cells.ts'
import { RLS_MATRIX } from './rls-matrix.ts'

const TABLES = Object.keys(RLS_MATRIX) as PublicTable[]

describeEachEngine(
  'row level security',
  (open) => {
    let db: Database
    const labels = new Map<PublicTable, Labels>()
    beforeAll(async () => {
      ;({ db } = await open())
      await seedPeople(db)
      await seedFixtures(db)
      for (const table of TABLES) labels.set(table, await labelsOf(db, table))
    })

    test('every table of the schema is in the matrix, and the other way round', async () => {
      const { rows } = await sql<{ name: string }>`select relname as name from pg_class
        where relkind = 'r' and relnamespace = 'public'::regnamespace order by 1`.execute(db)
      expect([...TABLES].sort()).toEqual(rows.map(({ name }) => name))
    })
    test('every table has a row to see, so that nothing passes for want of one', () => {
      expect(TABLES.filter((table) => labels.get(table)?.size === 0)).toEqual([])
    })

    describe.each(TABLES)('%s', (table) => {
      test.each(OPERATIONS)('%s', async (operation) => {
        const rows = labels.get(table) ?? new Map<string, string>()
        const expected = expectedCells(table, operation, rows)
        // A table without an owner has no row to make somebody else's.
        if (expected === null) expect(RLS_MATRIX[table].owner).toBeNull()
        else expect(await actualCells(db, table, operation, rows)).toEqual(expected)
      })
    })
  },
  ['PGlite', 'PostgreSQL'],
)
