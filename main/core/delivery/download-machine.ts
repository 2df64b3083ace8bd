import type { DownloadStatus } from '../../../contract/delivery.ts'
import { ERRORS, type ErrorCode } from '../../../contract/errors.ts'
import {
  isTimed,
  isWaiting,
  LONGEST_RETRY_AFTER_MS,
  statusAfterFailure,
  type WaitingStatus,
  waitAfterFailure,
} from './retry-rules.ts'

/** What decides about one download. Instants are milliseconds since 1970. */
export interface DownloadState {
  readonly status: DownloadStatus
  /** The number of the present or last run: what an older run still says is not heard. */
  readonly run: number
  /** Failures in a row with nothing gained in between. */
  readonly failures: number
  readonly reason: { readonly code: ErrorCode; readonly message: string } | null
  /** When a `stalled` download tries again; for `waiting-for-network`, when it tries although nobody has seen the network come back. */
  readonly retryAt: number | null
  /** The drive that `waiting-for-drive` is about. */
  readonly driveName: string | null
  /** Bytes that `needs-space` is about, as far as they are known. */
  readonly missingBytes: number | null
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
      readonly driveName?: string | null
      readonly missingBytes?: number | null
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
  /** What one kind of waiting was for is as it should be. */
  | { readonly type: 'cured'; readonly of: WaitingStatus }
  /** The server is reached all the same: it was not the network. */
  | { readonly type: 'server-reached' }
  /** Others found the server in trouble: all try again together, at `until`. */
  | { readonly type: 'postponed'; readonly until: number }
  /** The connection is metered and may not be used. */
  | { readonly type: 'metered' }
  /** The queue stops, or was stopped by force before it was read again. */
  | { readonly type: 'suspended' }

/** What the shell has to do: begin a run, end the present one, remove what is here of the file and give the attempt up. */
export type DownloadEffect = 'run' | 'stop' | 'discard'

const CLEAR = { reason: null, retryAt: null, driveName: null, missingBytes: null } as const

export const NEW_DOWNLOAD: DownloadState = { status: 'queued', run: 0, failures: 0, ...CLEAR }

type Step = readonly [DownloadState, readonly DownloadEffect[]]

/** The one decision about a download: its next state and what to do. Touches nothing; an event that means nothing now changes nothing. */
export function step(state: DownloadState, event: DownloadEvent, now: number): Step {
  switch (event.type) {
    case 'slot-given':
      if (state.status !== 'queued') return [state, []]
      return [{ ...state, status: 'preparing', run: state.run + 1, ...CLEAR }, ['run']]
    case 'granted':
    case 'gained':
    case 'all-here':
    case 'finished':
    case 'failed':
      // Pausing, cancelling and newer runs win over what a run says late.
      return isUnderWay(state.status) && event.run === state.run ? afterRun(state, event, now) : [state, []]
    case 'pause':
    case 'resume':
    case 'retry':
    case 'cancel':
      return mayCommand(state.status, event.type) ? onCommand(state, event.type) : [state, []]
    case 'due':
      return isTimed(state.status) && isDue(state.retryAt ?? 0, now) ? [queuedAgain(state), []] : [state, []]
    case 'cured':
      return state.status === event.of ? [queuedAgain(state), []] : [state, []]
    case 'server-reached':
      return state.status === 'waiting-for-network' ? [{ ...state, status: 'stalled' }, []] : [state, []]
    case 'postponed':
      if (state.status !== 'stalled' || (state.retryAt ?? 0) >= event.until) return [state, []]
      return [{ ...state, retryAt: event.until }, []]
    case 'metered':
      return onMetered(state)
    case 'suspended':
      return isUnderWay(state.status) ? [{ ...state, status: 'queued' }, ['stop']] : [state, []]
  }
}

function afterRun(state: DownloadState, event: RunEvent, now: number): Step {
  switch (event.type) {
    case 'granted':
      return [{ ...state, status: 'downloading' }, []]
    case 'gained':
      return [{ ...state, failures: 0 }, []]
    case 'all-here':
      return [{ ...state, status: 'verifying' }, []]
    case 'finished':
      return [{ ...state, status: 'done', failures: 0 }, []]
    case 'failed':
      return afterFailure(state, event, now)
  }
}

function afterFailure(state: DownloadState, event: Extract<RunEvent, { type: 'failed' }>, now: number): Step {
  const status = statusAfterFailure(event.code)
  const next = {
    ...state,
    ...CLEAR,
    status,
    failures: state.failures + 1,
    reason: { code: event.code, message: event.message },
    retryAt: isTimed(status) ? now + waitAfterFailure({ ...event, failures: state.failures }) : null,
    driveName: status === 'waiting-for-drive' ? (event.driveName ?? null) : null,
    missingBytes: status === 'needs-space' ? (event.missingBytes ?? null) : null,
  }
  return [next, status === 'ended' ? ['discard'] : []]
}

function onMetered(state: DownloadState): Step {
  if (state.status !== 'queued' && !isUnderWay(state.status)) return [state, []]
  const reason = { code: 'metered-connection', message: ERRORS['metered-connection'].title } as const
  return [{ ...state, ...CLEAR, status: 'needs-consent', reason }, isUnderWay(state.status) ? ['stop'] : []]
}

function onCommand(state: DownloadState, command: DownloadCommand): Step {
  const stop: readonly DownloadEffect[] = isUnderWay(state.status) ? ['stop'] : []
  switch (command) {
    case 'pause':
      return [{ ...state, ...CLEAR, status: 'paused' }, stop]
    case 'resume':
    case 'retry':
      return [{ ...queuedAgain(state), failures: 0 }, []]
    case 'cancel':
      return [{ ...state, ...CLEAR, status: 'cancelled' }, [...stop, 'discard']]
  }
}

/** True while a run is at work for it. */
export function isUnderWay(status: DownloadStatus): boolean {
  return status === 'preparing' || status === 'downloading' || status === 'verifying'
}

/** True when it has come to its end: nothing moves it any more. */
export function hasEnded(status: DownloadStatus): boolean {
  return status === 'done' || status === 'cancelled' || status === 'ended'
}

export function mayCommand(status: DownloadStatus, command: DownloadCommand): boolean {
  switch (command) {
    case 'pause':
      return status === 'queued' || isWaiting(status) || isUnderWay(status)
    case 'resume':
      return status === 'paused'
    case 'retry':
      return status === 'failed' || isWaiting(status)
    case 'cancel':
      return !hasEnded(status)
  }
}

function queuedAgain(state: DownloadState): DownloadState {
  return { ...state, ...CLEAR, status: 'queued' }
}

function isDue(retryAt: number, now: number): boolean {
  return now >= retryAt || retryAt - now > LONGEST_RETRY_AFTER_MS
}
