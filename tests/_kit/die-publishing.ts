import { realDisk } from '../../main/core/library/disk.ts'
import { openTransferRig } from './transfer-rig.ts'

/** A process that kills itself right after the file got its final name (`link`), or after its staged name is gone (`unlink`). */
const [folder = '', address = '', contentId = '', step = 'link'] = process.argv.slice(2)
const die = () => process.kill(process.pid, 'SIGKILL')
const rig = await openTransferRig({
  folder,
  address,
  disk: {
    ...realDisk,
    async link(from, to) {
      await realDisk.link(from, to)
      if (step === 'link') die()
    },
    async unlink(place) {
      await realDisk.unlink(place)
      if (step === 'unlink' && String(place).endsWith('.part')) die()
    },
  },
})
await rig.delivery.start(undefined, { contentType: 'track', contentId, title: 'Tide', artist: 'Nia' })
