import path from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { type Scene, SEGMENT } from './scene.ts'

export async function startDownload({ rig, object, title, artist }: Scene): Promise<string> {
  return (await rig.delivery.start(undefined, { ...object.content, title, artist })).id
}

/** An earlier start of the program: it gets the first `held` bytes and is closed. */
export async function bringPart(scene: Scene, held: number): Promise<void> {
  const { server } = scene
  await scene.open()
  const { rig } = scene
  const { connectionsPerFile } = rig.settings
  rig.settings.connectionsPerFile = 1
  let sent = 0
  server.rules.file = ({ send, head, bytes }) => {
    const body = bytes().subarray(0, Math.max(0, held - sent))
    sent += body.length
    send(head(), body)
  }
  scene.downloadId = await startDownload(scene)
  // Worker threads tell of whole segments at once, and of what lies behind them with the next bytes.
  const told = scene.isInWorkers ? held - (held % SEGMENT) : held
  await rig.until(async () => ((await rig.byId(scene.downloadId))?.receivedBytes ?? 0) >= told)
  // Time in which the thread usually reads the rest; what it has not read by then is not counted as held.
  if (scene.isInWorkers) await new Promise((resolve) => setTimeout(resolve, 60))
  await rig.delivery.pauseAll(undefined, {})
  await rig.close()
  if (scene.isInWorkers) scene.notes.set('held', heldBytes(scene))
  rig.settings.connectionsPerFile = connectionsPerFile
  scene.honest()
}

/** What the queue says is here, while no program runs: a thread that is paused may not have read all that was sent to it. */
function heldBytes({ rig, downloadId }: Scene): number {
  using db = new DatabaseSync(path.join(path.dirname(rig.staging), 'local.sqlite'), { readOnly: true })
  return Number(db.prepare('select received_bytes from downloads where id = ?').get(downloadId)?.['received_bytes'])
}

/** What the server and the line saw so far belongs to another start. */
export function forgetSeen({ server, line }: Scene): void {
  Object.assign(server.seen, {
    inits: 0,
    files: 0,
    fileBytes: 0,
    spoilt: 0,
    headBytes: 0,
    completes: 0,
    cancels: 0,
    connections: 0,
  })
  server.seen.paths.length = 0
  server.seen.ranges.length = 0
  if (line !== null) Object.assign(line.seen, { connections: 0, faulty: 0, toClient: 0, fromServer: 0 })
}
