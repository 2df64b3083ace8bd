import { AppError, ERRORS } from '../../../contract/errors.ts'
import { toDatabaseDiskError } from '../library/disk.ts'
import type { Log, Random } from '../ports.ts'
import type { DownloadEvent } from './download-machine.ts'

/** What the end of a run by an error means to its download. What nobody expected is logged as a bug and is `internal`. */
export function failureEvent(
  thrown: unknown,
  run: number,
  { random, log }: { readonly random: Random; readonly log: Log },
): Extract<DownloadEvent, { type: 'failed' }> {
  const error = toDatabaseDiskError(thrown) ?? thrown
  const jitter = random.bytes(1).readUInt8(0) / 255
  if (!(error instanceof AppError)) {
    log.error({ error }, 'a download failed in an unexpected way')
    return { type: 'failed', run, code: 'internal', message: ERRORS.internal.title, retryAfterMs: null, jitter }
  }
  const { code, message, detail } = error
  log.warn({ code, detail: { ...detail, driveName: undefined } }, 'a download broke off')
  const seconds = numberIn(detail?.['retryAfterSeconds'])
  const driveName = detail?.['driveName']
  return {
    type: 'failed',
    run,
    code,
    message,
    retryAfterMs: seconds === null ? null : seconds * 1000,
    jitter,
    driveName: typeof driveName === 'string' ? driveName : null,
    missingBytes: numberIn(detail?.['neededBytes']),
  }
}

function numberIn(value: unknown): number | null {
  return typeof value === 'number' && Number.isFinite(value) && value >= 0 ? value : null
}
