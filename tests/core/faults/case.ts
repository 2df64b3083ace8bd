import type { Download, DownloadStatus } from '../../../contract/delivery.ts'
import type { ErrorCode } from '../../../contract/errors.ts'
import type { Scene } from './scene.ts'

/** How a fault comes about: by the fault server, on the line, in the files between two starts, or injected where the real thing needs another system or root. */
export type MadeBy =
  | 'the server'
  | 'the line'
  | 'edited files'
  | 'an injected disk'
  | 'an injected clock'
  | 'injected name service'
  | 'TLS'
  | 'a proxy of the network'
  | 'the catalogue'

/** A status and, where it has one, its reason. */
export interface Standing {
  readonly status: DownloadStatus
  readonly code?: ErrorCode
}

/**
 * The most that may come twice. `nothing`: not one byte. `a segment each`: one segment for each answer that was faulty. `the answer`: what the
 * faulty answers carried. `what was on its way`: that, and what the other connections were getting when the run gave up. A number: so many bytes.
 */
export type Again = 'nothing' | 'a segment each' | 'the answer' | 'what was on its way' | number

/** One fault of the 68, or one shape of it. */
export interface FaultCase {
  readonly number: number
  readonly what: string
  readonly by: MadeBy
  /** Before anything runs. */
  readonly before?: (scene: Scene) => void
  /** Between the two starts of a resumed run, while no program has the files open. */
  readonly between?: (scene: Scene) => void | Promise<void>
  /** Makes it happen, before the run that is watched begins. */
  readonly make?: (scene: Scene) => void | Promise<void>
  /** How the download has to stand while the fault lasts. */
  readonly meanwhile?: Standing
  /** Ends the fault, once `meanwhile` was seen. */
  readonly cure?: (scene: Scene) => void | Promise<void>
  /** How it ends. */
  readonly end: Standing
  readonly again: Again
  /** Attempts that the account has opened for it in the end; 1 unless said. */
  readonly attempts?: number
  /** Nothing happens until time passes: then the clock is moved on. */
  readonly isSilent?: boolean
  /** Failures that are logged as not expected; none unless said. */
  readonly logged?: number
  /** The name of the file in the library, where it is not that of every run; `any`: whatever is made of it. */
  readonly fileName?: string
  /** Other files that were in the library before. */
  readonly others?: readonly string[]
  readonly starts?: readonly Start[]
  readonly connections?: readonly number[]
  /** What else has to hold in the end. */
  readonly check?: (scene: Scene, ended: Download) => void | Promise<void>
}

/** `fresh`: nothing is here. `resumed`: five and a half segments came in an earlier start of the program. */
export type Start = 'fresh' | 'resumed'

/** Where one of the 68 is proved when it is not in this table. */
export interface ProvedElsewhere {
  readonly number: number
  readonly what: string
  /** Path of the test from the root of the project. */
  readonly test: string
}

export const DONE: Standing = { status: 'done' }
export const EVERY_START: readonly Start[] = ['fresh', 'resumed']
export const EVERY_COUNT: readonly number[] = [1, 4, 8]
