import type { FileAnswer, FileRequest } from '../../_kit/fault-server.ts'
import {
  answersAll,
  answersAllAs206,
  answersLess,
  cutsChunks,
  diesMidBody,
  flipsABit,
  liesAboutItsPlace,
  packsAsGzip,
  page,
  startsElsewhere,
  withHead,
} from './answers.ts'

export const ANCHOR_SIZE = 1_000_000
/** What a resumed download has already. */
export const ANCHOR_HELD = 400_000

/** `recovered`: the right file, whatever happened. `refused`: no file, and a reason. */
export type AnchorOutcome = 'recovered' | 'refused'

/** One of the nineteen answers at which download programs are compared. */
export interface AnchorCase {
  readonly name: string
  readonly what: string
  readonly isResumed: boolean
  /** Left out: the server is honest, and the fault lies in the files. */
  readonly answer?: FileAnswer
  /** Only the first answer is wrong. */
  readonly isOnce?: boolean
  /** The file is another one by the time of the resumption, of so many bytes. */
  readonly newSize?: number
  /** What the partial file is, when not the first bytes of the file. */
  readonly part?: (bytes: Buffer) => Buffer
  readonly ours: AnchorOutcome
}

const closesEarly: FileAnswer = ({ send, head, bytes, socket }: FileRequest) => {
  send(head({ 'Content-Length': null }), bytes().subarray(0, bytes().length / 2))
  socket.end()
}

function rotten(bytes: Buffer): Buffer {
  const copy = Buffer.from(bytes.subarray(0, ANCHOR_HELD))
  copy.set(Buffer.from('rot'), 123_456)
  return copy
}

/** F: the file is fetched from its beginning. R: a partial file of 400,000 bytes of 1,000,000 is completed. */
export const ANCHOR_CASES: readonly AnchorCase[] = [
  {
    name: 'F1',
    what: 'dies in the middle, then answers well',
    isResumed: false,
    answer: diesMidBody,
    isOnce: true,
    ours: 'recovered',
  },
  { name: 'F2', what: 'no Content-Length, closes early', isResumed: false, answer: closesEarly, ours: 'refused' },
  { name: 'F3', what: 'chunked, cut', isResumed: false, answer: cutsChunks, ours: 'refused' },
  { name: 'F4', what: 'one bit flipped', isResumed: false, answer: flipsABit, ours: 'refused' },
  { name: 'F5', what: 'sign-in page with 200', isResumed: false, answer: page('200 OK'), ours: 'refused' },
  { name: 'F6', what: 'gzip although identity asked', isResumed: false, answer: packsAsGzip, ours: 'refused' },
  { name: 'R1', what: '206, right', isResumed: true, ours: 'recovered' },
  { name: 'R2', what: '200 with the whole file', isResumed: true, answer: answersAll, ours: 'recovered' },
  { name: 'R3', what: '206 from zero, whole body', isResumed: true, answer: answersAllAs206, ours: 'recovered' },
  { name: 'R4', what: '206 shifted by 100', isResumed: true, answer: startsElsewhere, ours: 'refused' },
  {
    name: 'R5',
    what: '206 without Content-Range',
    isResumed: true,
    answer: withHead({ 'Content-Range': null }),
    ours: 'refused',
  },
  { name: 'R6', what: '206, header lies about offset', isResumed: true, answer: liesAboutItsPlace, ours: 'refused' },
  { name: 'R7', what: '416, already complete', isResumed: true, part: (bytes) => bytes, ours: 'recovered' },
  { name: 'R8', what: 'file changed, same size', isResumed: true, newSize: ANCHOR_SIZE, ours: 'recovered' },
  { name: 'R9', what: 'file changed, other size', isResumed: true, newSize: ANCHOR_SIZE + 50_000, ours: 'recovered' },
  {
    name: 'R10',
    what: 'partial longer than the file',
    isResumed: true,
    part: (bytes) => Buffer.concat([bytes, Buffer.alloc(100_000)]),
    ours: 'recovered',
  },
  { name: 'R11', what: 'bit rot in the partial', isResumed: true, part: rotten, ours: 'recovered' },
  {
    name: 'R12',
    what: '403 with a page, once',
    isResumed: true,
    answer: page('403 Forbidden'),
    isOnce: true,
    ours: 'recovered',
  },
  { name: 'R13', what: 'honest short 206s', isResumed: true, answer: answersLess, ours: 'recovered' },
]
