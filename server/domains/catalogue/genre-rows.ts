import { sql } from 'kysely'
import type { Genre } from '../../../contract/catalogue.ts'
import type { ServerTransaction } from '../../db/transaction.ts'

/** Genres with at least one track in the store, largest first. */
export async function selectGenres(tx: ServerTransaction): Promise<Genre[]> {
  const { rows } = await sql<Genre>`
    select g.slug, g.name, count(*)::int as "trackCount"
    from tracks c join dj_profiles d on d.user_id = c.dj_id join genres g on g.id = c.genre_id
    where c.status = 'published' and d.status = 'approved' and g.is_active
    group by g.slug, g.name order by count(*) desc, g.name`.execute(tx)
  return rows
}
