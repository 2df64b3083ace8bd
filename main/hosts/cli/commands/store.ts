import { catalogue } from '../../../../contract/catalogue.ts'
import type { Command } from '../command.ts'
import { money, table } from '../format.ts'

export const search: Command = {
  usage: '[<words>] [--genre <slug>] [--bpm <from>-<to>] [--key <8A>] [--limit <n>]',
  about: 'Finds tracks of the store.',
  options: {
    genre: { type: 'string' },
    bpm: { type: 'string' },
    key: { type: 'string' },
    limit: { type: 'string' },
  },
  async run({ call }, args, { genre, bpm, key, limit }) {
    const query = args.join(' ')
    const [bpmMin, bpmMax = bpmMin] = typeof bpm === 'string' ? bpm.split('-').map(Number) : []
    const page = await call(catalogue.listTracks, {
      ...(query === '' ? {} : { query, sort: 'relevance' as const }),
      ...(typeof genre === 'string' ? { genre } : {}),
      ...(bpmMin === undefined || bpmMax === undefined ? {} : { bpmMin, bpmMax }),
      ...(typeof key === 'string' ? { key } : {}),
      limit: typeof limit === 'string' ? Number(limit) : 20,
    })
    const rows = page.items.map((track) => [
      track.id,
      `${track.artist} - ${track.title}`.slice(0, 70),
      track.bpm === null ? '' : `${track.bpm} BPM`,
      track.key ?? '',
      track.access === 'none' ? money(track.price) : 'owned',
    ])
    return { value: page, text: rows.length === 0 ? 'Nothing found.' : `${table(rows)}\n${page.total} in all` }
  },
}
