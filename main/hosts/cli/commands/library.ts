import { library as calls } from '../../../../contract/library.ts'
import type { Command } from '../command.ts'
import { size, table } from '../format.ts'
import { describeCounts } from './verify.ts'

export const library: Command = {
  usage: '[<words>] [--refresh] [--verify]',
  about: 'What the account owns, and which of it is on this computer.',
  options: { refresh: { type: 'boolean' }, verify: { type: 'boolean' } },
  async run({ call }, args, { refresh, verify }) {
    if (refresh === true) await call(calls.refresh, {})
    if (verify === true) {
      const checked = await call(calls.verify, {})
      return { value: checked, text: describeCounts(checked) }
    }
    const query = args.join(' ')
    const list = await call(calls.list, query === '' ? {} : { query })
    const rows = list.items.map(({ trackId, artist, title, state, sizeBytes, fileName }) => [
      trackId,
      `${artist} - ${title}`.slice(0, 60),
      state,
      size(sizeBytes),
      fileName ?? '',
    ])
    return { value: list, text: rows.length === 0 ? 'The library is empty.' : table(rows) }
  },
}
