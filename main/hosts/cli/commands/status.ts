import { app } from '../../../../contract/app.ts'
import { identity } from '../../../../contract/identity.ts'
import type { Command } from '../command.ts'
import { table } from '../format.ts'

export const status: Command = {
  usage: '',
  about: 'How MixMint runs on this computer and who is signed in.',
  async run({ call, isHostRunning }) {
    const [runs, who] = await Promise.all([call(app.status, {}), call(identity.state, {})])
    const rows = [
      ['Version', runs.version],
      ['App', isHostRunning ? 'running' : 'not running'],
      ['Server', `${runs.serverAddress ?? 'unknown'} (${runs.isOnline ? 'reached' : 'not reached'})`],
      ['Account', `${who.account?.email ?? '-'} (${who.status})`],
      ['Device', who.device?.name ?? '-'],
      ['Secrets', who.secretStore],
      ['Library', runs.libraryFolder],
    ]
    return { value: { ...runs, ...who, isHostRunning }, text: table(rows) }
  },
}
