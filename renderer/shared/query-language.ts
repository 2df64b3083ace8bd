import type { Input } from '../../contract/call.ts'
import type { catalogue } from '../../contract/catalogue.ts'

export type TrackQuery = Omit<Input<typeof catalogue.listTracks>, 'sort' | 'cursor' | 'limit'>
export type Operator = 'bpm' | 'key' | 'genre' | 'price' | 'dj' | 'owned'

const TERM = /(?:(bpm|key|genre|price|dj|owned):)?("[^"]*"|\S+)/gi
const MAJOR_UNIT = 100

/**
 * Reads a query such as `night bpm:120-128 key:~8A genre:house price:<100 dj:nila owned:no`. Prices are in whole units of the currency.
 * What is not an operator, and an operator whose value makes no sense, is searched for as words.
 */
export function parseQuery(text: string): TrackQuery {
  const query: TrackQuery = {}
  const words: string[] = []
  for (const [term, operator, quoted] of text.matchAll(TERM)) {
    const value = (quoted ?? '').replaceAll('"', '').trim()
    const understood = operator === undefined ? null : readOperator(operator.toLowerCase() as Operator, value)
    if (understood === null) words.push(term.replaceAll('"', ''))
    else Object.assign(query, understood)
  }
  if (words.length > 0) query.query = words.join(' ')
  return query
}

function readOperator(operator: Operator, value: string): TrackQuery | null {
  switch (operator) {
    case 'bpm': {
      const range = readRange(value)
      if (range === null) return null
      const { min, max } = range
      if ([min, max].some((bpm) => bpm !== null && (bpm < 20 || bpm > 400))) return null
      return { ...(min === null ? {} : { bpmMin: min }), ...(max === null ? {} : { bpmMax: max }) }
    }
    case 'price': {
      const range = readRange(value)
      if (range === null) return null
      const { min, max } = range
      return {
        ...(min === null ? {} : { priceMinMinor: Math.round(min * MAJOR_UNIT) }),
        ...(max === null ? {} : { priceMaxMinor: Math.round(max * MAJOR_UNIT) }),
      }
    }
    case 'key': {
      const [, near, key] = /^(~?)((?:1[0-2]|[1-9])[ab])$/i.exec(value) ?? []
      if (key === undefined) return null
      return { key: key.toUpperCase(), ...(near === '~' ? { withHarmonicKeys: true } : {}) }
    }
    case 'genre':
      return value === '' ? null : { genre: toSlug(value) }
    case 'dj':
      return value === '' ? null : { djSlug: toSlug(value) }
    case 'owned':
      return /^(yes|no)$/i.test(value) ? { owned: value.toLowerCase() === 'yes' } : null
  }
}

/** `120-128`, `124`, `<100` and `>120`; the limits are included. */
function readRange(value: string): { min: number | null; max: number | null } | null {
  const match = /^(?:(\d+(?:\.\d+)?)-(\d+(?:\.\d+)?)|([<>]=?)?(\d+(?:\.\d+)?))$/.exec(value)
  if (match === null) return null
  const [, from, to, sign, single] = match
  if (from !== undefined && to !== undefined) {
    return { min: Math.min(Number(from), Number(to)), max: Math.max(Number(from), Number(to)) }
  }
  const number = Number(single)
  if (sign === undefined) return { min: number, max: number }
  return sign.startsWith('<') ? { min: null, max: number } : { min: number, max: null }
}

function toSlug(text: string): string {
  return text
    .toLowerCase()
    .normalize('NFKD')
    .replaceAll(/[^\p{L}\p{N}]+/gu, '-')
    .replaceAll(/^-|-$/g, '')
}

/** The query with an operator set to another value, or without it. */
export function withOperator(text: string, operator: Operator, value: string | null): string {
  const rest = text.replaceAll(new RegExp(`(?:^|\\s)${operator}:(?:"[^"]*"|\\S+)`, 'gi'), '').trim()
  if (value === null) return rest
  const written = /\s/.test(value) ? `"${value}"` : value
  return `${rest} ${operator}:${written}`.trim()
}

/** The value an operator has in a query, as written; null when it is not there. */
export function operatorValue(text: string, operator: Operator): string | null {
  const found = new RegExp(`(?:^|\\s)${operator}:("[^"]*"|\\S+)`, 'i').exec(text)?.[1]
  return found?.replaceAll('"', '') ?? null
}
