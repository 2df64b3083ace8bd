import { app } from '../../../../contract/app.ts'
import type { Command } from '../command.ts'
import { parseSpeed } from '../parse-size.ts'
import { describeLimit } from './queue.ts'

export const limit: Command = {
  usage: '[<speed>|off]',
  about: 'Shows or sets the most bytes per second over all downloads: 2MB, 500kB, 0 to hold them, off for no limit.',
  async run({ call }, [word]) {
    const settings =
      word === undefined
        ? await call(app.getSettings, {})
        : await call(app.changeSettings, { bandwidthLimit: parseSpeed(word) })
    const { bandwidthLimit, speedSchedule } = settings
    const schedule = speedSchedule.length === 0 ? '' : `; ${speedSchedule.length} hours of the schedule have their own`
    return { value: { bandwidthLimit, speedSchedule }, text: `Limit: ${describeLimit(bandwidthLimit)}${schedule}` }
  },
}
