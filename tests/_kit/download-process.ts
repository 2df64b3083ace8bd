import { appendFileSync } from 'node:fs'
import path from 'node:path'
import { type Disk, realDisk } from '../../main/core/library/disk.ts'
import { openTransferRig } from './transfer-rig.ts'

/**
 * A process to be killed: takes up the queue in a folder, starts one download there and says on its standard output what became of it. Every
 * write to the part file is noted in `written.log` before it is made, in a way that survives the kill.
 */
const [folder = '', address = '', contentId = ''] = process.argv.slice(2)

const countingDisk: Disk = {
  ...realDisk,
  async open(place, flags, mode) {
    const handle = await realDisk.open(place, flags, mode)
    if (!String(place).endsWith('.part')) return handle
    const write = handle.write.bind(handle)
    return Object.assign(handle, {
      write(buffer: Buffer, offset: number, length: number, position: number) {
        appendFileSync(path.join(folder, 'written.log'), `${length}\n`)
        return write(buffer, offset, length, position)
      },
    })
  },
}

const rig = await openTransferRig({ folder, address, disk: countingDisk, settings: { connectionsPerFile: 2 } })
const { id } = await rig.delivery.start(undefined, { contentType: 'track', contentId, title: 'Tide', artist: 'Nia' })
const { status } = await rig.reached(id, 'done', 'failed')
await rig.close()
console.log(status)
