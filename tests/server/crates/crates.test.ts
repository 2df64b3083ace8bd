import { beforeAll, describe, expect, it } from 'vitest'
import { crates } from '../../../contract/crates.ts'
import type { Database } from '../../../server/db/database.ts'
import { deleteRecord } from '../../../server/domains/crates/delete-record.ts'
import { listRecords } from '../../../server/domains/crates/list-records.ts'
import { saveRecord } from '../../../server/domains/crates/save-record.ts'
import { describeEachEngine } from '../../_kit/databases.ts'
import { type PersonName, seedPeople } from '../../_kit/people.ts'
import { callAs, handClock, idOf } from '../../_kit/shop.ts'

const item = (name: string) => ({ contentType: 'track' as const, contentId: idOf(name) })

describeEachEngine('crates', (open) => {
  const clock = handClock()
  let db: Database

  const save = async (who: PersonName, crate: { id: string; name: string; items?: string[]; baseRevision: number }) =>
    crates.saveRecord.output.parse(
      await callAs(db, who, clock, (context) =>
        saveRecord(context, { ...crate, items: (crate.items ?? []).map(item) }),
      ),
    )
  const list = async (who: PersonName) =>
    crates.listRecords.output.parse(await callAs(db, who, clock, (context) => listRecords(context))).crates
  const remove = (who: PersonName, crateId: string) =>
    callAs(db, who, clock, (context) => deleteRecord(context, { crateId }))

  beforeAll(async () => {
    db = (await open()).db
    await seedPeople(db)
  })

  it('R-DC-20: keeps a crate with its items in order', async () => {
    const saved = await save('ana', { id: idOf('friday'), name: 'Friday', items: ['c', 'a', 'b'], baseRevision: 0 })
    expect(saved.items.map(({ contentId }) => contentId)).toEqual(['c', 'a', 'b'].map(idOf))
    expect(await list('ana')).toEqual([saved])
  })

  it('R-DC-20: a change grows the revision, and its base must be the present one', async () => {
    const [present] = await list('ana')
    const base = present?.revision ?? 0
    const changed = await save('ana', { id: idOf('friday'), name: 'Friday', items: ['a', 'b'], baseRevision: base })
    expect(changed.revision).toBeGreaterThan(base)
    await expect(
      save('ana', { id: idOf('friday'), name: 'Friday', items: ['z'], baseRevision: base }),
    ).rejects.toMatchObject({ code: 'revision-conflict', detail: { present: { revision: changed.revision } } })
    expect(await list('ana')).toEqual([changed])
  })

  it('saving what is there already is answered with it, whatever its base', async () => {
    const [present] = await list('ana')
    expect(await save('ana', { id: idOf('friday'), name: 'Friday', items: ['a', 'b'], baseRevision: 0 })).toEqual(
      present,
    )
  })

  it('renames without touching the items', async () => {
    const [present] = await list('ana')
    const renamed = await save('ana', {
      id: idOf('friday'),
      name: 'Friday late',
      items: ['a', 'b'],
      baseRevision: present?.revision ?? 0,
    })
    expect(renamed).toMatchObject({ name: 'Friday late', items: [item('a'), item('b')] })
  })

  it('two of a name are refused within an account and fine between accounts', async () => {
    await expect(save('ana', { id: idOf('copy'), name: 'Friday late', baseRevision: 0 })).rejects.toMatchObject({
      code: 'crate-exists',
    })
    await save('bo', { id: idOf('of bo'), name: 'Friday late', baseRevision: 0 })
    const second = await save('ana', { id: idOf('second'), name: 'Second', baseRevision: 0 })
    await expect(
      save('ana', { id: idOf('second'), name: 'Friday late', baseRevision: second.revision }),
    ).rejects.toMatchObject({ code: 'crate-exists' })
  })

  it('new crates stand after the others', async () => {
    expect((await list('ana')).map(({ name }) => name)).toEqual(['Friday late', 'Second'])
  })

  it('of two computers that save at once one wins and the other is told', async () => {
    const { revision } = await save('ana', { id: idOf('race'), name: 'Race', items: ['a'], baseRevision: 0 })
    const outcomes = await Promise.allSettled(
      ['x', 'y', 'z'].map((name) =>
        save('ana', { id: idOf('race'), name: 'Race', items: [name], baseRevision: revision }),
      ),
    )
    expect(outcomes.filter(({ status }) => status === 'fulfilled')).toHaveLength(1)
    for (const outcome of outcomes)
      if (outcome.status === 'rejected') expect(outcome.reason).toMatchObject({ code: 'revision-conflict' })
    expect((await list('ana')).find(({ name }) => name === 'Race')?.items).toHaveLength(1)
  })

  it('refuses the same thing twice in one crate', async () => {
    await expect(
      save('ana', { id: idOf('twice'), name: 'Twice', items: ['a', 'a'], baseRevision: 0 }),
    ).rejects.toMatchObject({ code: 'invalid-input' })
  })

  it('holds 5,000 items', async () => {
    const names = Array.from({ length: 5000 }, (_, place) => `item ${place}`)
    const big = await save('bo', { id: idOf('big'), name: 'Big', items: names, baseRevision: 0 })
    expect(big.items).toHaveLength(5000)
    expect(big.items[4999]).toEqual(item('item 4999'))
  })

  describe('of another account', () => {
    it('R-MM-73: are not listed, changed or deleted', async () => {
      expect((await list('bo')).map(({ id }) => id)).not.toContain(idOf('friday'))
      await expect(
        save('bo', { id: idOf('friday'), name: 'Mine now', items: ['z'], baseRevision: 1 }),
      ).rejects.toMatchObject({ code: 'not-found' })
      await expect(save('bo', { id: idOf('friday'), name: 'Mine now', baseRevision: 0 })).rejects.toMatchObject({
        code: 'not-found',
      })
      await remove('bo', idOf('friday'))
      expect((await list('ana')).find(({ id }) => id === idOf('friday'))?.items).toHaveLength(2)
    })
  })

  it('deleting is done once and harmless after; what was deleted elsewhere can not be changed', async () => {
    const { revision } = (await list('ana')).find(({ id }) => id === idOf('friday')) ?? { revision: 0 }
    await remove('ana', idOf('friday'))
    await remove('ana', idOf('friday'))
    expect((await list('ana')).map(({ id }) => id)).not.toContain(idOf('friday'))
    await expect(save('ana', { id: idOf('friday'), name: 'Back', baseRevision: revision })).rejects.toMatchObject({
      code: 'not-found',
    })
  })
})
