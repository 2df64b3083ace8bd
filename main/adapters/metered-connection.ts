import { execFile } from 'node:child_process'
import type { MeteredConnection } from '../core/ports.ts'

/** How long NetworkManager may take to answer, in ms. */
const LONGEST_ANSWER_MS = 2_000

const QUESTION = [
  '--system',
  'get-property',
  'org.freedesktop.NetworkManager',
  '/org/freedesktop/NetworkManager',
  'org.freedesktop.NetworkManager',
  'Metered',
]

/** Asks NetworkManager on Linux, by `busctl`; elsewhere, and where one of them is missing, the answer is null. */
export function createMeteredConnection(
  platform: NodeJS.Platform,
  command = 'busctl',
  timeout = LONGEST_ANSWER_MS,
): MeteredConnection {
  if (platform !== 'linux') return { isMetered: async () => null }
  return {
    isMetered: () =>
      new Promise((resolve) => {
        execFile(command, QUESTION, { timeout, killSignal: 'SIGKILL' }, (error, answer) =>
          resolve(error === null ? readMetered(answer) : null),
        )
      }),
  }
}

/** What `busctl` prints of NMMetered (NetworkManager D-Bus API): 1 yes, 2 no, 3 and 4 the same as a guess, 0 unknown. */
export function readMetered(answer: string): boolean | null {
  const [, value] = /^u (\d+)\s*$/.exec(answer) ?? []
  if (value === '1' || value === '3') return true
  return value === '2' || value === '4' ? false : null
}
