import type { Clock } from '../../../main/core/ports.ts'
import type { Dice } from './dice.ts'

/** One process of the simulated computer, from its start to its end: what it had under way when it ended never goes on. */
export interface Life {
  isOver: boolean
}

interface Task {
  readonly life: Life
  readonly run: () => void
}

interface Timer extends Task {
  readonly at: number
}

/** Ms that each step takes on the simulated clock: little, but never nothing. */
const STEP_MS = 1

/**
 * Decides what happens next: everything that waits for the world (a disk operation, a packet, an answer) is a task, and dice choose which one is
 * done. Time stands still but for a millisecond a step; when nothing is left to do it jumps to the next timer.
 */
export interface Scheduler {
  /** Does `run` at some later step, unless the process has ended by then. */
  later(life: Life, run: () => void): void
  /** The same for work with an outcome; the promise of a process that has ended is never settled. */
  work<T>(life: Life, run: () => T): Promise<T>
  clockOf(life: Life): Clock
  now(): number
  /** Ms in which the computer was awake. */
  monotonic(): number
  /** Moves the time, as a long wait does; due timers run in the next steps. */
  advance(ms: number): void
  /** The computer sleeps: the world's time goes on, and that of its timers stands still. */
  sleep(ms: number): void
  /** Sets the calendar without moving time. */
  setCalendar(byMs: number): void
  /** One thing happens, and everything that follows from it at once; false when nothing is left that could. */
  step(): Promise<boolean>
  readonly steps: number
}

export function createScheduler(roll: Dice, startMs = Date.UTC(2026, 10, 21, 12)): Scheduler {
  let tasks: Task[] = []
  const timers = new Set<Timer>()
  let elapsed = 0
  let calendar = 0
  let slept = 0
  let steps = 0

  function later(life: Life, run: () => void): void {
    if (!life.isOver) tasks.push({ life, run })
  }

  function nextTimer(): Timer | null {
    let next: Timer | null = null
    for (const timer of timers) {
      if (timer.life.isOver) timers.delete(timer)
      else if (next === null || timer.at < next.at) next = timer
    }
    return next
  }

  async function step(): Promise<boolean> {
    tasks = tasks.filter(({ life }) => !life.isOver)
    elapsed += STEP_MS
    const timer = nextTimer()
    const isDue = timer !== null && (tasks.length === 0 || timer.at <= elapsed)
    if (isDue) {
      timers.delete(timer)
      elapsed = Math.max(elapsed, timer.at)
      timer.run()
    } else {
      const [task] = tasks.splice(roll.below(tasks.length), 1)
      if (task === undefined) return false
      task.run()
    }
    steps += 1
    await settled()
    return true
  }

  return {
    later,
    work: (life, run) =>
      new Promise((resolve, reject) => {
        later(life, () => {
          try {
            const result = run()
            if (!life.isOver) resolve(result)
          } catch (error) {
            if (!life.isOver) reject(error)
          }
        })
      }),
    clockOf: (life) => ({
      now: () => Math.round(startMs + calendar + slept + elapsed),
      monotonic: () => elapsed,
      after(ms, run) {
        const timer = { life, run, at: elapsed + Math.max(0, ms) }
        timers.add(timer)
        return () => timers.delete(timer)
      },
    }),
    now: () => Math.round(startMs + slept + elapsed),
    monotonic: () => elapsed,
    advance(ms) {
      elapsed += ms
    },
    sleep(ms) {
      slept += ms
    },
    setCalendar(byMs) {
      calendar += byMs
    },
    step,
    get steps() {
      return steps
    },
  }
}

/** Lets everything run that follows at once; the code under test puts some things off by one turn of the event loop. */
export async function settled(): Promise<void> {
  await new Promise((resolve) => setImmediate(resolve))
  await new Promise((resolve) => setImmediate(resolve))
}
