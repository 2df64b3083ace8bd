import { createAttemptReports } from './attempt-reports.ts'
import { discardDownload } from './discard-download.ts'
import type { DownloadEvent } from './download-machine.ts'
import { createDownloadRuns } from './download-runs.ts'
import { createLiveDownloads } from './live-downloads.ts'
import { createMeteredGate } from './metered-gate.ts'
import { createQueueBackground } from './queue-background.ts'
import { createQueueCommands } from './queue-commands.ts'
import { createQueueCures } from './queue-cures.ts'
import { createQueueEvents } from './queue-events.ts'
import { createQueueFilling } from './queue-filling.ts'
import type { DownloadQueue, QueueNeeds } from './queue-interface.ts'
import { createQueueOrder } from './queue-order.ts'
import { createQueueRows } from './queue-rows.ts'
import { createRetryAlarm } from './retry-alarm.ts'
import { LONGEST_RETRY_AFTER_MS, type WaitingStatus } from './retry-rules.ts'
import {
  findDownload,
  isQueuePaused,
  listDownloads,
  listIn,
  listLimited,
  listOrder,
  listThese,
  listUnderWay,
  listUnremoved,
  removeEnded,
} from './rows.ts'
import { runHooks } from './run-hooks.ts'
import { createServerBreaker } from './server-breaker.ts'

/** What was true of network, drive, folder and connection the last time says nothing about today. */
const CURED_AT_START: readonly WaitingStatus[] = [
  'waiting-for-network',
  'waiting-for-drive',
  'needs-folder',
  'needs-consent',
]

/** Takes the queue up where it was left, by choice or by force. */
export function openDownloadQueue(needs: QueueNeeds): DownloadQueue {
  const { db, clock, log, network, settings, limits, emit } = needs
  let closed = false
  const isClosed = () => closed
  // The parts know each other in a circle: these lead from those that are made first to those that are made last.
  const dispatch = (id: string, event: DownloadEvent) => events.dispatch(id, event)
  const fill = () => filling.fill()

  const order = createQueueOrder(listOrder(db))
  const live = createLiveDownloads({ db, clock, order, emit, onTold: fill })
  const rows = createQueueRows({ db, clock, log, order, live })
  const background = createQueueBackground(log)
  const breaker = createServerBreaker(LONGEST_RETRY_AFTER_MS)
  const heldUntil = () => breaker.heldUntil(clock.now())
  const hooks = { db, live, breaker, dispatch, onGrown: needs.onGrown }
  const runs = createDownloadRuns(needs, {
    hooks: (row, run) => runHooks(hooks, row, run),
    dispatch,
    onEnd: live.ends,
    receivedBytes,
  })
  const reports = createAttemptReports(needs)
  const alarm = createRetryAlarm({ db, clock, heldUntil, onDue: retryDue })
  const metered = createMeteredGate(
    needs.metered,
    () => settings.get().onMetered,
    () => filling.reconsider(),
  )
  const holds = { db, network, heldUntil, limit: () => limits.effective().bytesPerSecond }
  const filling = createQueueFilling({ ...needs, rows, live, metered, holds, isClosed, dispatch })
  const cures = createQueueCures({
    ...needs,
    onCured: filling.cureAll,
    onRoom: (id) => dispatch(id, { type: 'cured', of: 'needs-space' }),
  })
  const parts = { rows, live, runs, breaker, alarm, cures, reports, background }
  const events = createQueueEvents({ ...needs, ...parts, heldUntil, isClosed, discard, fill })
  const commands = createQueueCommands({ ...needs, order, live, runs, metered, events, filling })

  for (const row of listUnderWay(db)) rows.change(row, { type: 'suspended' })
  for (const of of CURED_AT_START) rows.changeAll(listIn(db, of), { type: 'cured', of })
  for (const { id, bytesPerSecondLimit } of listLimited(db)) limits.setDownloadLimit(id, bytesPerSecondLimit)
  const stopListening = [
    network.onChange((isOnline) => {
      if (!isOnline || closed) return
      filling.cureAll('waiting-for-network')
      // What was queued meanwhile waits for nothing else.
      fill()
      reports.send()
    }),
    settings.onChange(() => filling.reconsider()),
    limits.onChange(() => filling.reconsider()),
    needs.signIn?.onChange(filling.wakeSignedIn) ?? (() => {}),
  ]
  filling.wakeSignedIn()
  cures.watch()
  cures.lookForRoom()
  removeLeftovers()
  reports.send()
  fill()
  alarm.set()

  async function discard(id: string): Promise<void> {
    await runs.afterwards(id, () => discardDownload(needs, id))
    reports.send()
  }

  /** Files of what was given up, which the disk would not let go of then. */
  function removeLeftovers(): void {
    for (const id of listUnremoved(db)) background.add(discard(id))
  }

  function retryDue(ids: readonly string[]): void {
    for (const id of ids)
      if (network.isOnline() || findDownload(db, id)?.status !== 'waiting-for-network') dispatch(id, { type: 'due' })
    fill()
  }

  function receivedBytes(id: string): number {
    return live.kept(id).receivedBytes ?? findDownload(db, id)?.receivedBytes ?? 0
  }

  return {
    ...commands,
    list(ids) {
      return {
        downloads:
          ids === undefined
            ? listDownloads(db).map((row, index) => live.view(row, index))
            : listThese(db, ids).map((row) => live.view(row)),
        isPaused: isQueuePaused(db),
        bytesPerSecond: live.bytesPerSecond(),
        limit: limits.effective(),
        asksAboutMetered: metered.asks(),
      }
    },
    answerMetered: metered.answer,
    reconnect() {
      filling.suspendAll()
      // Timers stand still in sleep, the times of the day at which something is due do not.
      alarm.set()
      fill()
    },
    clearFinished() {
      removeEnded(db)
      removeLeftovers()
      emit({ type: 'delivery.changed' })
    },
    isPaused: () => isQueuePaused(db),
    receivedBytes,
    async close() {
      closed = true
      for (const stop of stopListening) stop()
      metered.close()
      alarm.close()
      live.close()
      filling.suspendAll()
      rows.close()
      await runs.allEnded()
      await cures.close()
      await background.settled()
      await reports.close()
    },
  }
}
