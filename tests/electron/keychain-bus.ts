import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { createInterface } from 'node:readline'

/** A D-Bus session with an unlocked keychain, for processes that are started with `env`. */
export interface KeychainBus extends AsyncDisposable {
  readonly env: Readonly<Record<string, string>>
}

/** Starts gnome-keyring in a session and a home folder of its own. Throws when the session ends before it is ready. */
export async function startKeychainBus(): Promise<KeychainBus> {
  const home = await mkdtemp(path.join(tmpdir(), 'mixmint-bus-'))
  const unlock = 'printf "pw\\n" | gnome-keyring-daemon --unlock --components=secrets >/dev/null 2>&1'
  const child = spawn('dbus-run-session', ['--', 'sh', '-c', `${unlock}; echo "$DBUS_SESSION_BUS_ADDRESS"; cat`], {
    env: { ...process.env, HOME: home, XDG_RUNTIME_DIR: home },
    stdio: ['pipe', 'pipe', 'ignore'],
  })
  const exited = once(child, 'exit')
  const { value: address } = await createInterface({ input: child.stdout })[Symbol.asyncIterator]().next()
  if (address === undefined) throw new Error('The keychain session ended')
  return {
    env: { DBUS_SESSION_BUS_ADDRESS: address, XDG_RUNTIME_DIR: home },
    async [Symbol.asyncDispose]() {
      child.stdin.end()
      await exited
      await rm(home, { recursive: true, force: true, maxRetries: 5 })
    },
  }
}
