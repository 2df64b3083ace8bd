import { mkdirSync, renameSync, statSync } from 'node:fs'
import path from 'node:path'
import pino from 'pino'
import type { Log } from '../core/ports.ts'
import type { DesktopConfig } from './desktop-config.ts'
import { createPinoLog } from './pino-log.ts'

/** A log file larger than this (bytes) becomes `<name>.log.1` at the next start. */
const LARGEST = 5 * 1024 * 1024

/** Logs to `<data>/logs/<name>.log` (0600), one earlier file kept; the user's folders are not named in it. */
export function openDesktopLog(
  { dataFolder, home, logLevel }: Pick<DesktopConfig, 'dataFolder' | 'home' | 'logLevel'>,
  name: string,
): Log {
  const folder = path.join(dataFolder, 'logs')
  mkdirSync(folder, { recursive: true, mode: 0o700 })
  const file = path.join(folder, `${name}.log`)
  if ((statSync(file, { throwIfNoEntry: false })?.size ?? 0) > LARGEST) renameSync(file, `${file}.1`)
  return createPinoLog(logLevel, pino.destination({ dest: file, sync: true, mode: 0o600 }), [
    [dataFolder, '<data>'],
    [home, '~'],
  ])
}
