import { spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { createInterface } from 'node:readline'
import { AppError } from '../../contract/errors.ts'
import type { SecretStore } from '../../main/core/ports.ts'

const CHILD = path.join(import.meta.dirname, 'keychain-process.ts')

/** Whether this computer can run a keychain in a session of its own: D-Bus, gnome-keyring and, for keytar, its compiled module. */
export function canRunKeychain(backend: 'keytar' | 'keyring'): boolean {
  const hasPrograms = ['dbus-run-session', 'gnome-keyring-daemon'].every(
    (program) => spawnSync(program, ['--version']).status === 0,
  )
  if (!hasPrograms || backend === 'keyring') return hasPrograms
  return spawnSync(process.execPath, ['-e', "require('keytar')"], { cwd: path.dirname(CHILD) }).status === 0
}

/** A store over a real keychain: gnome-keyring, unlocked, in a D-Bus session and a home folder of its own, reached through a process there. */
export async function openKeychainSession(backend: 'keytar' | 'keyring'): Promise<SecretStore & AsyncDisposable> {
  const home = await mkdtemp(path.join(tmpdir(), 'mixmint-keychain-'))
  const unlock = 'printf "pw\\n" | gnome-keyring-daemon --unlock --components=secrets >/dev/null 2>&1'
  const child = spawn(
    'dbus-run-session',
    ['--', 'sh', '-c', `${unlock}; exec "$0" "$@"`, process.execPath, CHILD, backend, 'MixMint test'],
    { env: { ...process.env, HOME: home, XDG_RUNTIME_DIR: home }, stdio: ['pipe', 'pipe', 'ignore'] },
  )
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]()

  async function ask(op: 'get' | 'set' | 'delete', name: string, value?: string): Promise<string | null> {
    child.stdin.write(`${JSON.stringify({ op, name, value })}\n`)
    const { value: line } = await lines.next()
    if (line === undefined) throw new Error('the keychain session has ended')
    const answer = JSON.parse(line) as { result?: string | null; failure?: string }
    if (answer.failure !== undefined) throw new AppError('no-secret-store', answer.failure)
    return answer.result ?? null
  }

  return {
    kind: 'keychain',
    notice: null,
    get: (name) => ask('get', name),
    set: async (name, value) => void (await ask('set', name, value)),
    delete: async (name) => void (await ask('delete', name)),
    async [Symbol.asyncDispose]() {
      const exited = once(child, 'exit')
      child.stdin.end()
      await exited
      await rm(home, { recursive: true, force: true, maxRetries: 5 })
    },
  }
}
