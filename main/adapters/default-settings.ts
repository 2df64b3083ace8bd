import type { Settings } from '../../contract/app.ts'

export const DEFAULT_SETTINGS: Settings = {
  theme: 'system',
  parallelDownloads: 3,
  connectionsPerFile: 4,
  bandwidthLimit: null,
  speedSchedule: [],
  headroomPercent: 0,
  onMetered: 'ask',
  meteredConnection: 'auto',
  keepAwake: true,
  afterQueue: 'nothing',
  keepPackZips: false,
  downloadAfterPurchase: true,
  fileNameTemplate: '{artist} - {title}',
  volume: 0.8,
}
