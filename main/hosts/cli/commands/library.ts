import { library as calls } from '../../../../contract/library.ts'
import type { Command } from '../command.ts'
import { size, table } from '../format.ts'

export const library: Command = {
  usage: '[<words>] [--refresh] [--verify]',
  about: 'What the account owns, and which of it is on this computer.',
  options: { refresh: { type: 'boolean' }, verify: { type: 'boolean' } },
  async run({ call }, args, { refresh, verify }) {
    if (refresh === true) await call(calls.refresh, {})
    if (verify === true) {
      const checked = await call(calls.verify, {})
      const { here, retagged, damaged, missing } = checked
      return {
        value: checked,
        text: `${checked.checked} checked: ${here} verified, ${retagged} re-tagged, ${damaged} damaged, ${missing} missing`,
      }
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
