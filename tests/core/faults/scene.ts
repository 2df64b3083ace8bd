import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import type { ErrorCode } from '../../../contract/errors.ts'
import { ERRORS } from '../../../contract/errors.ts'
import { createFailingDisk, type FailingDisk } from '../../_kit/failing-disk.ts'
import { type FaultProxy, type LinePlan, startFaultProxy } from '../../_kit/fault-proxy.ts'
import { type FaultServer, type FileAnswer, type ServedObject, startFaultServer } from '../../_kit/fault-server.ts'
import { createLeapClock, type LeapClock } from '../../_kit/leap-clock.ts'
import { seededRandom } from '../../_kit/seeded.ts'
import { openTransferRig, type TransferRig } from '../../_kit/transfer-rig.ts'
import type { Start } from './case.ts'

export const SEGMENT = 64 * 1024
export const SEGMENTS = 12
/** The last segment is not full. */
export const SIZE = SEGMENTS * SEGMENT - 100
/** What an earlier start of the program left, of a resumed run. */
export const HELD = 5 * SEGMENT + SEGMENT / 2
const START_MS = Date.UTC(2026, 2, 14, 9, 26)

/** The parts of one run, and the ways to do harm to them. */
export interface Scene {
  readonly seed: string
  readonly start: Start
  readonly connections: number
  /** The bytes come in threads of their own, as in the product. */
  readonly isInWorkers: boolean
  readonly folder: string
  readonly server: FaultServer
  readonly disk: FailingDisk
  readonly clock: LeapClock
  readonly random: ReturnType<typeof seededRandom>
  /** What is downloaded, as it is now. */
  object: ServedObject
  title: string
  artist: string
  downloadId: string
  /** The program as it runs now. */
  rig: TransferRig
  /** The line, once something is done to it. */
  line: FaultProxy | null
  /** Where bytes come from; null: the server itself. */
  byteAddress: string | null
  /** The proxy that bytes go through. */
  byteProxy: string | null
  libraryFolder: string | undefined
  /** Notes of a case for its own check. */
  readonly notes: Map<string, unknown>
  /** The first requests for bytes, as many as there are connections, get this answer; then the server is honest. */
  first(answer: FileAnswer, times?: number): void
  always(answer: FileAnswer): void
  honest(): void
  /** The first so many calls of that name are answered by a problem document. */
  refuseCalls(call: string, code: ErrorCode, times?: number, more?: string): void
  /** The first connections for bytes, as many as there are, pass a line with this plan. */
  spoilLine(plan: LinePlan, times?: number): Promise<void>
  /** Starts the program over the same folder. */
  open(): Promise<void>
  onClose(work: () => Promise<void>): void
  close(): Promise<void>
}

export async function openScene(
  seed: string,
  start: Start,
  connections: number,
  size = SIZE,
  isInWorkers = false,
): Promise<Scene> {
  const random = seededRandom(seed)
  const folder = await mkdtemp(path.join(tmpdir(), 'mixmint-fault-'))
  const server = await startFaultServer()
  const clock = createLeapClock(START_MS)
  const disk = createFailingDisk()
  const content = { contentType: 'track' as const, contentId: random.uuid() }
  const object = server.put(content, random.bytes(size), { segmentSize: SEGMENT, fileName: 'x.wav' })
  const closing: (() => Promise<void>)[] = []
  let opened: TransferRig | null = null

  const scene: Scene = {
    seed,
    start,
    connections,
    isInWorkers,
    folder,
    server,
    disk,
    clock,
    random,
    object,
    title: 'Tide',
    artist: 'Nia',
    downloadId: '',
    get rig() {
      if (opened === null) throw new Error('the program is not running')
      return opened
    },
    line: null,
    byteAddress: null,
    byteProxy: null,
    libraryFolder: undefined,
    notes: new Map(),
    first(answer, times = connections) {
      let asked = 0
      server.rules.file = (request) => {
        asked += 1
        if (asked > times) request.honest()
        else answer(request)
      }
    },
    always(answer) {
      server.rules.file = answer
    },
    honest() {
      server.rules.file = (request) => request.honest()
      server.rules.call = () => false
      server.rules.granted = (grant) => grant
      server.rules.connection = () => false
      server.rules.beforeToken = () => false
    },
    refuseCalls(call, code, times = 1, more = '') {
      let asked = 0
      server.rules.call = (name, reply) => {
        if (name !== call || ++asked > times) return false
        reply(`${ERRORS[code].status} Refused`, 'application/problem+json', JSON.stringify({ code }), more)
        return true
      }
    },
    async spoilLine(plan, times = connections) {
      scene.line ??= await startFaultProxy(server.port)
      scene.line.setPlans((connection) => (connection <= times ? plan : null))
      scene.byteAddress = scene.line.address
    },
    async open() {
      opened = await openTransferRig({
        folder,
        address: server.address,
        byteAddress: () => scene.byteAddress ?? server.address,
        byteProxy: () => scene.byteProxy,
        ...(isInWorkers ? {} : { disk: disk.disk }),
        clock,
        random,
        settings: { connectionsPerFile: connections, fileNameTemplate: '{artist} - {title}' },
        ...(scene.libraryFolder === undefined ? {} : { libraryFolder: scene.libraryFolder }),
      })
    },
    onClose: (work) => void closing.push(work),
    async close() {
      await opened?.close()
      for (const work of closing) await work()
      await scene.line?.[Symbol.asyncDispose]()
      await server.close()
      await rm(folder, { recursive: true, force: true })
    },
  }
  return scene
}
