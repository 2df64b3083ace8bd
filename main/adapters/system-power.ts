import { execFile, spawn } from 'node:child_process'
import type { Power } from '../core/ports.ts'

/** How long the system may take to accept that it is to sleep, in ms. */
const LONGEST_ANSWER_MS = 10_000

type Command = readonly [program: string, ...words: string[]]

/** The programs of a system for its sleep; what is left out it can not do from a command line. */
export interface PowerPrograms {
  /** Holds the computer awake while it runs; it ends when its standard input does. */
  readonly hold?: Command
  readonly sleep?: Command
}

/** `cat` waits for the end of its input, which comes at the latest with that of this process. */
export function powerPrograms(platform: NodeJS.Platform): PowerPrograms {
  if (platform === 'linux')
    return {
      hold: ['systemd-inhibit', '--what=sleep:idle', '--who=MixMint', '--why=Music is being downloaded', 'cat'],
      sleep: ['systemctl', 'suspend'],
    }
  if (platform === 'darwin') return { hold: ['caffeinate', '-i', 'cat'], sleep: ['pmset', 'sleepnow'] }
  return {}
}

/** The computer's sleep by programs of the system; one that is missing or refuses counts as one that can not. */
export function createSystemPower({ hold, sleep }: PowerPrograms): Power {
  let letGo: (() => void) | null = null
  return {
    keepAwake(isOn) {
      if (!isOn) {
        letGo?.()
        letGo = null
      } else if (hold !== undefined) {
        letGo ??= startHolding(hold)
      }
    },
    sleep: async () => sleep !== undefined && (await succeeds(sleep)),
  }
}

function startHolding([program, ...words]: Command): () => void {
  const child = spawn(program, words, { stdio: ['pipe', 'ignore', 'ignore'] })
  // A program that is missing or ends early is none: nothing else depends on it.
  child.on('error', () => {})
  child.stdin?.on('error', () => {})
  child.unref()
  return () => child.stdin?.end()
}

function succeeds([program, ...words]: Command): Promise<boolean> {
  return new Promise((resolve) => {
    execFile(program, words, { timeout: LONGEST_ANSWER_MS, killSignal: 'SIGKILL' }, (error) => resolve(error === null))
  })
}
