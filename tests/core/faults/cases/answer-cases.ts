import { randomBytes } from 'node:crypto'
import { expect } from 'vitest'
import { type FaultServer, startFaultServer } from '../../../_kit/fault-server.ts'
import {
  announcesTooLittle,
  announcesTooMuch,
  answersAll,
  answersAllAs206,
  answersLess,
  callsTheRangeAll,
  cutsChunks,
  damages,
  endsEarly,
  endsLater,
  flipsABit,
  hasNoLength,
  isMultipart,
  liesAboutItsPlace,
  packsAsBrotli,
  packsAsGzip,
  page,
  redirectsTo,
  saysChanged,
  saysOutside,
  saysOutsideAnother,
  sendsTooMuch,
  speaksHttp2,
  startsEarlier,
  startsElsewhere,
  withContentRange,
  withHead,
} from '../answers.ts'
import { type Again, DONE, type FaultCase } from '../case.ts'
import { bringWholePart, rot } from '../edits.ts'
import { type Scene, SEGMENT, SIZE } from '../scene.ts'

const ON_ITS_WAY = 'what was on its way'
const CAPTIVE = { status: 'waiting-for-network', code: 'captive-portal' } as const
/** It is told at once, and tried again after ever longer waits: the source may be mended. */
const DAMAGED = { status: 'stalled', code: 'corrupt-source' } as const

/** An answer that must not be believed, given once to each connection: nothing of it is kept, and the file comes all the same. */
function refusedOnce(
  number: number,
  what: string,
  answer: Parameters<Scene['first']>[0],
  again: Again = 'the answer',
): FaultCase {
  return { number, what, by: 'the server', make: (scene) => scene.first(answer), end: DONE, again }
}

/** Cases 10 to 35 and 39: what is answered is wrong, or not what was asked for. */
export const ANSWER_CASES: readonly FaultCase[] = [
  refusedOnce(10, 'Content-Length is larger than the range', announcesTooMuch),
  {
    number: 10,
    what: 'a clean end before Content-Length is reached',
    by: 'the server',
    make: (scene) => scene.first(endsEarly),
    end: DONE,
    again: 'nothing',
  },
  refusedOnce(11, 'Content-Length is smaller than the range', announcesTooLittle),
  refusedOnce(11, 'more bytes than were announced', sendsTooMuch),
  refusedOnce(12, 'no Content-Length', hasNoLength),
  refusedOnce(13, 'two Content-Lengths', withHead({ 'Content-length': '12' })),
  refusedOnce(13, 'two Content-Ranges', withHead({ 'Content-range': 'bytes 0-9/10' })),
  refusedOnce(13, 'a Content-Length that is a list', withHead({ 'Content-Length': '12, 12' })),
  refusedOnce(14, 'a chunked body that is cut', cutsChunks),
  refusedOnce(15, 'frames of HTTP/2 with a short end of the stream', speaksHttp2),
  refusedOnce(16, '206 begins later than asked', startsElsewhere),
  refusedOnce(16, '206 begins earlier than asked', startsEarlier),
  {
    number: 17,
    what: '206 shorter than asked, honest',
    by: 'the server',
    make: (scene) => scene.always(answersLess),
    end: DONE,
    again: 'nothing',
  },
  refusedOnce(18, '206 longer than asked', endsLater),
  refusedOnce(19, '206 without Content-Range', withHead({ 'Content-Range': null })),
  refusedOnce(
    19,
    '206 of an unknown total',
    withContentRange(({ range: [start, last] }) => `bytes ${start}-${last}/*`),
  ),
  refusedOnce(
    19,
    '206 of another total',
    withContentRange(({ range: [start, last] }) => `bytes ${start}-${last}/99999999`),
  ),
  refusedOnce(
    19,
    '206 in another unit',
    withContentRange(({ range: [start, last] }) => `items ${start}-${last}/12`),
  ),
  refusedOnce(20, '206 multipart/byteranges', isMultipart),
  {
    number: 21,
    what: '200 with the whole file for every range',
    by: 'the server',
    make: (scene) => scene.always(answersAll),
    end: DONE,
    // Every connection may have asked once, and once more for everything, before it is known that this server knows no ranges.
    again: 9 * SIZE,
  },
  {
    number: 21,
    what: '206 from the first byte to the last for every range',
    by: 'the server',
    make: (scene) => scene.always(answersAllAs206),
    end: DONE,
    again: 9 * SIZE,
  },
  refusedOnce(22, '200 with the range as its body, once', callsTheRangeAll),
  {
    number: 22,
    what: '200 with the range as its body, always',
    by: 'the server',
    make: (scene) => scene.always(callsTheRangeAll),
    // Where one range is the whole file, that answer is true.
    starts: ['resumed'],
    end: DAMAGED,
    again: 'the answer',
  },
  {
    number: 23,
    what: '416 although every byte is here: the journal is lost, the part is whole',
    by: 'edited files',
    starts: ['resumed'],
    between: bringWholePart,
    make: (scene) => scene.always(saysOutside),
    end: DONE,
    again: 'nothing',
    check: ({ server }) => expect(server.seen.fileBytes).toBe(0),
  },
  refusedOnce(24, '416 for a range that is inside, once', saysOutside),
  {
    number: 24,
    what: '416 for a range that is inside, always',
    by: 'the server',
    make: (scene) => scene.always(saysOutside),
    end: { status: 'stalled', code: 'range-not-satisfiable' },
    again: 'nothing',
  },
  refusedOnce(24, '416 that names another size, once', saysOutsideAnother),
  refusedOnce(25, '412 although nothing changed, once', saysChanged),
  {
    number: 25,
    what: 'the file is replaced on the server: a new attempt, and no part is joined',
    by: 'the server',
    make(scene) {
      scene.first((request) => {
        request.spoil()
        request.send(request.head(), request.bytes().subarray(0, SEGMENT + 9))
        replaceFile(scene)
        request.socket.end()
      }, 1)
    },
    connections: [1],
    end: DONE,
    attempts: 2,
    // All of the new file, and what was here of the old one.
    again: SIZE,
    check: ({ server }) => expect(server.attempts()[0]).not.toBe('delivered'),
  },
  refusedOnce(26, 'a weak ETag, once', (request) => withHead({ ETag: `W/${request.object.etag}` })(request)),
  refusedOnce(26, 'no ETag, once', withHead({ ETag: null })),
  refusedOnce(26, 'the ETag of another file, once', withHead({ ETag: '"sha256-00"' })),
  {
    number: 26,
    what: 'a weak ETag, always: nothing is joined by it',
    by: 'the server',
    make: (scene) => scene.always((request) => withHead({ ETag: `W/${request.object.etag}` })(request)),
    end: DAMAGED,
    again: 'the answer',
  },
  {
    number: 27,
    what: 'the same ETag over other bytes: one segment is damaged at its source',
    by: 'the server',
    make: (scene) => scene.always(damages(9, SEGMENT)),
    end: DAMAGED,
    // That segment alone, again and again.
    again: 14 * SEGMENT,
    // What is damaged never counts as here.
    check: (_, { receivedBytes }) => expect(receivedBytes).toBeLessThanOrEqual(SIZE - SEGMENT),
  },
  {
    number: 28,
    what: 'a bit flips on the line',
    by: 'the line',
    make: (scene) => scene.spoilLine({ down: [{ at: 20_000, does: 'flip' }] }),
    end: DONE,
    again: 'a segment each',
  },
  {
    number: 28,
    what: 'a bit flips in the answer',
    by: 'the server',
    make: (scene) => scene.first(flipsABit, 1),
    end: DONE,
    again: SEGMENT,
  },
  {
    number: 29,
    what: 'bits rot in the part on disk, between two starts',
    by: 'edited files',
    starts: ['resumed'],
    between: (scene) => rot(scene, 2 * SEGMENT + 99),
    end: DONE,
    again: SEGMENT,
  },
  {
    number: 29,
    what: 'bits rot in the segment that is under way, between two starts',
    by: 'edited files',
    starts: ['resumed'],
    between: (scene) => rot(scene, 5 * SEGMENT + 99),
    end: DONE,
    again: SEGMENT,
  },
  refusedOnce(30, '206 lies about its place', liesAboutItsPlace, ON_ITS_WAY),
  refusedOnce(31, 'gzip although identity was asked for', packsAsGzip),
  refusedOnce(31, 'brotli although identity was asked for', packsAsBrotli),
  refusedOnce(32, 'a sign-in page with 200, once', page('200 OK'), ON_ITS_WAY),
  refusedOnce(32, 'a sign-in page with 403, once', page('403 Forbidden'), ON_ITS_WAY),
  {
    number: 32,
    what: 'a sign-in page with 200 until the user has signed in there',
    by: 'the server',
    make: (scene) => scene.always(page('200 OK')),
    meanwhile: CAPTIVE,
    cure: (scene) => scene.honest(),
    end: DONE,
    again: ON_ITS_WAY,
  },
  {
    number: 32,
    what: '302 to a sign-in page until the user has signed in there',
    by: 'the server',
    make: (scene) => scene.always(redirectsTo('http://hotel.invalid/login')),
    meanwhile: CAPTIVE,
    cure: (scene) => scene.honest(),
    end: DONE,
    again: ON_ITS_WAY,
  },
  {
    number: 33,
    what: '511 until the user has signed in to the network',
    by: 'the server',
    make: (scene) => scene.always(page('511 Network Authentication Required')),
    meanwhile: CAPTIVE,
    cure: (scene) => scene.honest(),
    end: DONE,
    again: ON_ITS_WAY,
  },
  ...['http:', 'https:', 'file:///etc/passwd', 'data:audio/mpeg;base64,AAAA', '//'].map(
    (target): FaultCase => ({
      number: 34,
      what: `a redirect to ${target === 'http:' || target === 'https:' ? `another host over ${target}` : target === '//' ? 'another host without a scheme' : target}`,
      by: 'the server',
      async make(scene) {
        const other = await startFaultServer()
        scene.onClose(() => other.close())
        scene.notes.set('other', other)
        const host = `127.0.0.1:${other.port}/api/download/file`
        const isElsewhere = target.startsWith('http') || target === '//'
        const location = isElsewhere ? `${target === '//' ? '' : target}//${host}` : target
        scene.first(redirectsTo(location, '307 Temporary Redirect'))
      },
      connections: [1, 8],
      end: DONE,
      again: ON_ITS_WAY,
      check: ({ notes }) => expect((notes.get('other') as FaultServer).seen.connections).toBe(0),
    }),
  ),
  {
    number: 35,
    what: 'a redirect to itself',
    by: 'the server',
    make: (scene) => scene.always(redirectsTo('/api/download/file?token=again')),
    meanwhile: CAPTIVE,
    cure(scene) {
      scene.notes.set('asked', scene.server.seen.files)
      scene.honest()
    },
    end: DONE,
    again: ON_ITS_WAY,
    // Each connection gave up at the first, and a run asks a few times at most.
    check: ({ notes, connections }) => expect(notes.get('asked')).toBeLessThanOrEqual(connections + 4),
  },
  {
    number: 39,
    what: 'a proxy takes Range out of every request',
    by: 'the line',
    make: (scene) =>
      scene.spoilLine({ request: (head) => head.replace(/\r\nrange:.*/i, '') }, Number.POSITIVE_INFINITY),
    end: DONE,
    again: 9 * SIZE,
  },
  {
    number: 39,
    what: 'a proxy takes ETag out of every answer, until another network is there',
    by: 'the line',
    make: (scene) => scene.spoilLine({ answer: (head) => head.replace(/\r\netag:.*/i, '') }, Number.POSITIVE_INFINITY),
    meanwhile: { status: 'stalled', code: 'corrupt-source' },
    cure(scene) {
      scene.byteAddress = null
    },
    end: DONE,
    again: 9 * SIZE,
  },
]

function replaceFile(scene: Scene): void {
  const { server, object } = scene
  scene.object = server.put(object.content, randomBytes(object.bytes.length), {
    segmentSize: SEGMENT,
    fileName: 'x.wav',
  })
}
