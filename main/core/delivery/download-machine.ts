import type { DownloadStatus } from '../../../contract/delivery.ts'
import type { ErrorCode } from '../../../contract/errors.ts'
import { LONGEST_RETRY_AFTER_MS, waitAfterFailure } from './retry-rules.ts'

/** What decides about one download. Instants are milliseconds since 1970. */
export interface DownloadState {
  readonly status: DownloadStatus
  /** The number of the present or last run: what an older run still says is not heard. */
  readonly run: number
  /** Failures in a row with nothing gained in between. */
  readonly failures: number
  readonly reason: { readonly code: ErrorCode; readonly message: string } | null
  readonly retryAt: number | null
}

/** What a run tells, marked with its number. */
type RunEvent =
  | { readonly type: 'granted'; readonly run: number }
  | { readonly type: 'gained'; readonly run: number }
  | { readonly type: 'all-here'; readonly run: number }
  | { readonly type: 'finished'; readonly run: number }
  | {
      readonly type: 'failed'
      readonly run: number
      readonly code: ErrorCode
      readonly message: string
      readonly retryAfterMs: number | null
      /** 0 to 1. */
      readonly jitter: number
    }

/** What the user asks for. */
export type DownloadCommand = 'pause' | 'resume' | 'retry' | 'cancel'

export type DownloadEvent =
  | RunEvent
  | { readonly type: DownloadCommand }
  /** The queue has room for it. */
  | { readonly type: 'slot-given' }
  /** The time to try again may have come. */
  | { readonly type: 'due' }
  | { readonly type: 'came-online' }
  /** The queue stops, or was stopped by force before it was read again. */
  | { readonly type: 'suspended' }

/** What the shell has to do: begin a run, end the present one, remove what is here of the file and give the attempt up. */
export type DownloadEffect = 'run' | 'stop' | 'discard'

export const NEW_DOWNLOAD: DownloadState = { status: 'queued', run: 0, failures: 0, reason: null, retryAt: null }

type Step = readonly [DownloadState, readonly DownloadEffect[]]

/** The one decision about a download: its next state and what to do. Touches nothing; an event that means nothing now changes nothing. */
export function step(state: DownloadState, event: DownloadEvent, now: number): Step {
  switch (event.type) {
    case 'slot-given':
      if (state.status !== 'queued') return [state, []]
      return [{ ...state, status: 'preparing', run: state.run + 1, reason: null, retryAt: null }, ['run']]
    case 'granted':
    case 'gained':
    case 'all-here':
    case 'finished':
    case 'failed':
      // Pausing, cancelling and newer runs win over what a run says late.
      return isUnderWay(state.status) && event.run === state.run ? [afterRun(state, event, now), []] : [state, []]
    case 'pause':
    case 'resume':
    case 'retry':
    case 'cancel':
      return mayCommand(state.status, event.type) ? onCommand(state, event.type) : [state, []]
    case 'due':
      return state.status === 'waiting' && isDue(state.retryAt ?? 0, now) ? [queuedAgain(state), []] : [state, []]
    case 'came-online':
      return state.status === 'waiting' && isAboutTheNetwork(state) ? [queuedAgain(state), []] : [state, []]
    case 'suspended':
      return isUnderWay(state.status) ? [{ ...state, status: 'queued' }, ['stop']] : [state, []]
  }
}

function afterRun(state: DownloadState, event: RunEvent, now: number): DownloadState {
  switch (event.type) {
    case 'granted':
      return { ...state, status: 'downloading' }
    case 'gained':
      return { ...state, failures: 0 }
    case 'all-here':
      return { ...state, status: 'verifying' }
    case 'finished':
      return { ...state, status: 'done', failures: 0 }
    case 'failed': {
      const wait = waitAfterFailure({ ...event, failures: state.failures })
      const reason = { code: event.code, message: event.message }
      const failures = state.failures + 1
      if (wait === null) return { ...state, status: 'failed', failures, reason }
      return { ...state, status: 'waiting', failures, reason, retryAt: now + wait }
    }
  }
}

function onCommand(state: DownloadState, command: DownloadCommand): Step {
  const stop: readonly DownloadEffect[] = isUnderWay(state.status) ? ['stop'] : []
  switch (command) {
    case 'pause':
      return [{ ...state, status: 'paused', reason: null, retryAt: null }, stop]
    case 'resume':
    case 'retry':
      return [{ ...queuedAgain(state), failures: 0 }, []]
    case 'cancel':
      return [{ ...state, status: 'cancelled', reason: null, retryAt: null }, [...stop, 'discard']]
  }
}

/** True while a run is at work for it. */
export function isUnderWay(status: DownloadStatus): boolean {
  return status === 'preparing' || status === 'downloading' || status === 'verifying'
}

/** True when it has come to its end: nothing moves it any more. */
export function hasEnded(status: DownloadStatus): boolean {
  return status === 'done' || status === 'cancelled'
}

export function mayCommand(status: DownloadStatus, command: DownloadCommand): boolean {
  switch (command) {
    case 'pause':
      return status === 'queued' || status === 'waiting' || isUnderWay(status)
    case 'resume':
      return status === 'paused'
    case 'retry':
      return status === 'failed' || status === 'waiting'
    case 'cancel':
      return !hasEnded(status)
  }
}

function queuedAgain(state: DownloadState): DownloadState {
  return { ...state, status: 'queued', reason: null, retryAt: null }
}

function isDue(retryAt: number, now: number): boolean {
  return now >= retryAt || retryAt - now > LONGEST_RETRY_AFTER_MS
}

function isAboutTheNetwork({ reason }: DownloadState): boolean {
  return reason?.code === 'offline' || reason?.code === 'captive-portal'
}
