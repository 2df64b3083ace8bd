import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import type { CallDefinition, Input, Output } from '../../contract/call.ts'
import { fromReply } from '../../contract/errors.ts'
import type { CoreEvent } from '../../contract/events.ts'
import { openConfSettings } from '../../main/adapters/conf-settings.ts'
import { createMemorySecretStore } from '../../main/adapters/memory-secret-store.ts'
import { noShell } from '../../main/adapters/no-shell.ts'
import { systemClock } from '../../main/adapters/system-clock.ts'
import { systemRandom } from '../../main/adapters/system-random.ts'
import { createCore } from '../../main/core/core.ts'
import type { Core, Log, Ports } from '../../main/core/ports.ts'

export interface LogLine {
  readonly level: 'debug' | 'info' | 'warn' | 'error'
  readonly fields: object
  readonly message: string
}

export interface CoreUnderTest extends AsyncDisposable {
  readonly core: Core
  readonly ports: Ports
  /** The data folder; it holds `Library` too. */
  readonly folder: string
  readonly events: readonly CoreEvent[]
  readonly logged: readonly LogLine[]
  /** Makes a call through the door; throws the `AppError` of its reply. */
  call<C extends CallDefinition>(definition: C, input: Input<C>): Promise<Output<C>>
  /** Resolves with the next event of that type. */
  nextEvent(type: CoreEvent['type']): Promise<CoreEvent>
}

/**
 * A core over a temporary folder, secrets in memory and the given server; any port can be replaced. With `folder` it starts over an earlier
 * one's data, which then is not removed at the end.
 */
export async function startCore(options: Partial<Ports> & { folder?: string } = {}): Promise<CoreUnderTest> {
  const { folder: given, ...replaced } = options
  const folder = given ?? (await mkdtemp(path.join(tmpdir(), 'mixmint-core-')))
  const logged: LogLine[] = []
  const ports: Ports = {
    host: 'headless',
    version: '0.0.0-test',
    clock: systemClock,
    random: systemRandom,
    log: recordingLog(logged),
    secrets: createMemorySecretStore(),
    settings: openConfSettings(folder),
    shell: noShell,
    power: { keepAwake: () => {}, sleep: async () => false },
    metered: { isMetered: async () => null },
    proxyFor: () => null,
    folders: { data: folder, defaultLibrary: path.join(folder, 'Library'), home: folder },
    serverAddress: null,
    returnTo: { auth: 'http://127.0.0.1:4870/return/auth', payment: 'http://127.0.0.1:4870/return/payment' },
    ...replaced,
  }
  const core = await createCore(ports, { isStrict: true })
  const events: CoreEvent[] = []
  core.subscribe((event) => events.push(event))
  return {
    core,
    ports,
    folder,
    events,
    logged,
    call: async <C extends CallDefinition>(definition: C, input: Input<C>) =>
      fromReply(await core.call(definition.name, input)) as Output<C>,
    nextEvent: (type) =>
      new Promise((resolve) => {
        const stop = core.subscribe((event) => {
          if (event.type !== type) return
          stop()
          resolve(event)
        })
      }),
    async [Symbol.asyncDispose]() {
      await core.close()
      if (given === undefined) await rm(folder, { recursive: true, force: true })
    },
  }
}

export function recordingLog(lines: LogLine[]): Log {
  const record = (level: LogLine['level']) => (fields: object, message: string) =>
    void lines.push({ level, fields, message })
  return { debug: record('debug'), info: record('info'), warn: record('warn'), error: record('error') }
}
