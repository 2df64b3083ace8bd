import { sql } from 'kysely'
import type { z } from 'zod'
import type { TrackSort } from '../../../contract/catalogue.ts'
import type { PageOrder } from './page-order-rows.ts'
import { relevance, type Search, TITLE_FORM } from './search-rows.ts'

export const NEWEST: PageOrder = {
  sort: 'newest',
  key: sql`coalesce(c.published_at, c.created_at)`,
  type: 'timestamptz',
  isDescending: true,
}

/** The order of a sort. Without a search nothing is more relevant than what is new. Slow tempos, low prices and A come first. */
export function trackOrder(sort: z.output<typeof TrackSort>, search: Search | null): PageOrder {
  switch (sort) {
    case 'newest':
      return NEWEST
    case 'title':
      return { sort, key: sql`${TITLE_FORM} collate "C"`, type: 'text', isDescending: false }
    case 'artist':
      return {
        ...{ sort, type: 'text', isDescending: false },
        key: sql`app.search_form(coalesce(c.artist_name, d.dj_name)) collate "C"`,
      }
    case 'bpm':
      return { sort, key: sql`coalesce(c.bpm, 999)`, type: 'numeric', isDescending: false }
    case 'price':
      return { sort, key: sql`c.price_minor::numeric`, type: 'numeric', isDescending: false }
    case 'relevance':
      return search === null ? NEWEST : { sort, key: relevance(search), type: 'numeric', isDescending: true }
  }
}
