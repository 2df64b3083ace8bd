import { expect } from 'vitest'
import { refuseNames } from '../../../_kit/failing-names.ts'
import { startSilentListener } from '../../../_kit/silent-listener.ts'
import {
  closesBeforeHeaders,
  diesMidBody,
  drips,
  neverAnswers,
  resetsBeforeHeaders,
  resetsMidBody,
  stallsMidBody,
  stallsMidHeaders,
} from '../answers.ts'
import { DONE, type FaultCase } from '../case.ts'
import { SIZE } from '../scene.ts'

/** Cases 1 to 9: the line or the other side goes away. */
export const LINE_CASES: readonly FaultCase[] = [
  {
    number: 1,
    what: 'the server dies in the middle of the body',
    by: 'the server',
    make: (scene) => scene.first(diesMidBody),
    end: DONE,
    again: 'nothing',
  },
  {
    number: 1,
    what: 'the line ends in order in the middle of the body',
    by: 'the line',
    make: (scene) => scene.spoilLine({ down: [{ at: 30_000, does: 'half-close' }] }),
    end: DONE,
    again: 'nothing',
  },
  {
    number: 2,
    what: 'the line is reset in the middle of the body',
    by: 'the line',
    make: (scene) => scene.spoilLine({ down: [{ at: 30_000, does: 'reset' }] }),
    end: DONE,
    again: 'a segment each',
  },
  {
    number: 2,
    what: 'the server resets in the middle of the body',
    by: 'the server',
    make: (scene) => scene.first(resetsMidBody),
    end: DONE,
    again: 'the answer',
  },
  {
    number: 3,
    what: 'the line is reset before the headers',
    by: 'the line',
    make: (scene) => scene.spoilLine({ refuses: true }),
    end: DONE,
    again: 'nothing',
  },
  {
    number: 3,
    what: 'the server resets before the headers',
    by: 'the server',
    make: (scene) => scene.first(resetsBeforeHeaders),
    end: DONE,
    again: 'nothing',
  },
  {
    number: 3,
    what: 'the server ends the connection before the headers',
    by: 'the server',
    make: (scene) => scene.first(closesBeforeHeaders),
    end: DONE,
    again: 'nothing',
  },
  {
    number: 4,
    what: 'no byte for 30 s',
    by: 'the server',
    make: (scene) => scene.first(stallsMidBody),
    isSilent: true,
    end: DONE,
    // The second half of a segment that was split comes again when its own connection breaks.
    again: 'a segment each',
  },
  {
    number: 4,
    what: 'the line holds everything back in the middle of the body',
    by: 'the line',
    make: (scene) => scene.spoilLine({ down: [{ at: 30_000, does: 'hold' }] }),
    isSilent: true,
    end: DONE,
    again: 'nothing',
  },
  {
    number: 5,
    what: 'a byte in ten seconds, once',
    by: 'the server',
    make: (scene) => scene.first(drips(scene.clock.leap)),
    end: DONE,
    again: 'a segment each',
  },
  {
    number: 5,
    what: 'a byte in ten seconds, whatever is tried: told as slow, not as failed',
    by: 'the server',
    make: (scene) => scene.always(drips(scene.clock.leap)),
    meanwhile: { status: 'stalled', code: 'slow-connection' },
    cure: (scene) => scene.honest(),
    end: DONE,
    again: 'a segment each',
  },
  {
    number: 6,
    what: 'no header ever comes',
    by: 'the server',
    make: (scene) => scene.first(neverAnswers),
    isSilent: true,
    end: DONE,
    again: 'nothing',
  },
  {
    number: 6,
    what: 'the headers stop in the middle of a line',
    by: 'the server',
    make: (scene) => scene.first(stallsMidHeaders),
    isSilent: true,
    end: DONE,
    again: 'nothing',
  },
  {
    number: 7,
    what: 'the port is closed',
    by: 'the server',
    make: (scene) => scene.server.close(),
    meanwhile: { status: 'waiting-for-network', code: 'offline' },
    cure: (scene) => scene.server.reopen(),
    end: DONE,
    again: 'nothing',
  },
  {
    number: 7,
    what: 'the port is closed in the middle of the body',
    by: 'the server',
    make: (scene) =>
      scene.first((request) => {
        request.send(request.head(), request.bytes().subarray(0, 20_000))
        setTimeout(() => void scene.server.close(), 20)
      }, 1),
    meanwhile: { status: 'waiting-for-network', code: 'offline' },
    cure: (scene) => scene.server.reopen(),
    end: DONE,
    // What other connections were just getting was on its way.
    again: SIZE,
  },
  ...(['ENOTFOUND', 'EAI_AGAIN'] as const).map(
    (code): FaultCase => ({
      number: 8,
      what: `the name is not found (${code})`,
      by: 'injected name service',
      make(scene) {
        const names = refuseNames('bytes.mixmint.test', code)
        scene.notes.set('names', names)
        scene.onClose(async () => names.restore())
        scene.byteAddress = `http://bytes.mixmint.test:${scene.server.port}`
      },
      meanwhile: { status: 'waiting-for-network', code: 'offline' },
      cure: (scene) => (scene.notes.get('names') as ReturnType<typeof refuseNames>).answer('127.0.0.1'),
      end: DONE,
      again: 'nothing',
    }),
  ),
  {
    number: 9,
    what: 'packets vanish: the connection is never made',
    by: 'the line',
    async make(scene) {
      const hole = await startSilentListener()
      scene.onClose(() => hole.close())
      scene.byteAddress = hole.address
    },
    isSilent: true,
    meanwhile: { status: 'waiting-for-network', code: 'offline' },
    cure(scene) {
      scene.byteAddress = null
    },
    end: DONE,
    again: 'nothing',
    check: ({ server }) => expect(server.attempts()).toHaveLength(1),
  },
]
