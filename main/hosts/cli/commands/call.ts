import { fromReply } from '../../../../contract/errors.ts'
import { callsByName } from '../../../../contract/index.ts'
import { type Command, required, UsageError } from '../command.ts'
import { table } from '../format.ts'

export const call: Command = {
  usage: '<name> [<json>]',
  about: 'Makes any call of the app; `mixmint calls` lists them.',
  async run({ callByName }, args) {
    const name = required(args, 0, 'The name of the call')
    const value = fromReply(await callByName(name, parse(args[1] ?? '{}')))
    return { value, text: JSON.stringify(value, null, 2) }
  },
}

export const calls: Command = {
  usage: '',
  about: 'Lists every call that `mixmint call` can make.',
  async run() {
    const list = [...callsByName.values()]
      .filter(({ audience }) => audience === 'renderer')
      .map(({ name, kind, about }) => ({ name, kind, about }))
    return { value: list, text: table(list.map(({ name, kind, about }) => [name, kind, about])) }
  },
}

function parse(json: string): unknown {
  try {
    return JSON.parse(json)
  } catch {
    throw new UsageError('The input of the call must be JSON')
  }
}
