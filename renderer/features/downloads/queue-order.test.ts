import { expect, test } from 'vitest'
import type { Download, DownloadStatus } from '../../../contract/delivery.ts'
import { groupDownloads } from './group-downloads.ts'
import { afterMove, positionAt } from './queue-order.ts'

function queueOf(...statuses: readonly DownloadStatus[]): Download[] {
  return statuses.map((status, index) => ({ id: `d${index}`, status, position: index + 1 }) as Download)
}
const order = (downloads: readonly Download[]): string[] => groupDownloads(downloads).waiting.map(({ id }) => id)

test('DL6: a place is counted among those that can move, so that it does not shift with what is under way', () => {
  const queue = queueOf('downloading', 'verifying', 'queued', 'queued', 'stalled', 'done')
  expect(positionAt(queue, 'd4', 'd2')).toBe(0)
  expect(positionAt(queue, 'd2', 'd4')).toBe(2)
  expect(positionAt(queue, 'd2', 'd2')).toBeNull()
  expect(positionAt(queue, 'd0', 'd2')).toBeNull()
})

test('DL6: a move shows at once where the download will stand, first, last and between', () => {
  const queue = queueOf('downloading', 'queued', 'queued', 'needs-space', 'queued', 'done')
  expect(order(afterMove(queue, 'd4', positionAt(queue, 'd4', 'd1') ?? -1))).toEqual(['d4', 'd1', 'd2'])
  expect(order(afterMove(queue, 'd1', positionAt(queue, 'd1', 'd4') ?? -1))).toEqual(['d2', 'd4', 'd1'])
  expect(order(afterMove(queue, 'd1', positionAt(queue, 'd1', 'd2') ?? -1))).toEqual(['d2', 'd1', 'd4'])
  const after = afterMove(queue, 'd4', 0)
  expect(after.map(({ position }) => position).sort()).toEqual([1, 2, 3, 4, 5, 6])
  expect(after.find(({ id }) => id === 'd0')?.position).toBe(1)
})

test('R-DC-11 DL8: only what a retry does not cure, or the user must do, is under "needs you"', () => {
  const groups = groupDownloads(
    queueOf(
      'stalled',
      'waiting-for-network',
      'waiting-for-drive',
      'needs-sign-in',
      'needs-device',
      'needs-space',
      'needs-folder',
      'needs-consent',
      'failed',
      'ended',
    ),
  )
  expect(groups.waiting.map(({ status }) => status)).toEqual(['stalled', 'waiting-for-network', 'waiting-for-drive'])
  expect(groups.needy).toHaveLength(6)
  expect(groups.ended.map(({ status }) => status)).toEqual(['ended'])
})
