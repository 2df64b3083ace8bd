import { spawnSync } from 'node:child_process'
import { createRequire } from 'node:module'
import path from 'node:path'
import { fileURLToPath } from 'node:url'

const ROOT = fileURLToPath(new URL('..', import.meta.url))
const PACKAGES = ['dbus', 'gnome-keyring', 'libsecret-1-dev', 'libsecret-tools', 'pkg-config']
const PROGRAMS = ['dbus-run-session', 'gnome-keyring-daemon']

function hasKeychain(): boolean {
  return PROGRAMS.every((program) => spawnSync(program, ['--version']).status === 0)
}

/** The optional package may have been left out because its library was missing when it was installed. */
function loadsKeytar(): boolean {
  return spawnSync(process.execPath, ['-e', "require('keytar')"], { cwd: ROOT }).status === 0
}

/**
 * Lets the keychain tests run where that needs nothing but Debian's packages: as root on Linux installs a keychain and what keytar is
 * built with, saying so. Anywhere else it changes nothing, and those tests say that they did not run.
 */
export function ensureKeychain(): void {
  if (process.platform !== 'linux' || process.getuid?.() !== 0 || (hasKeychain() && loadsKeytar())) return
  console.log("The keychain tests need gnome-keyring and keytar. Installing Debian's packages …")
  spawnSync(
    'sh',
    ['-c', `apt-get update -qq && apt-get install -y -qq --no-install-recommends ${PACKAGES.join(' ')}`],
    {
      stdio: ['ignore', 'ignore', 'inherit'],
      env: { ...process.env, DEBIAN_FRONTEND: 'noninteractive' },
    },
  )
  if (!loadsKeytar()) addKeytar()
  if (!hasKeychain() || !loadsKeytar()) console.log('That did not work: the tests on a real keychain do not run here.')
}

function addKeytar(): void {
  const { optionalDependencies } = createRequire(import.meta.url)('../package.json') as {
    optionalDependencies: { keytar: string }
  }
  // npm must not run on the Node that it may replace.
  const folders = (process.env['PATH'] ?? '').split(path.delimiter)
  const PATH = folders.filter((folder) => !folder.endsWith(path.join('node_modules', '.bin'))).join(path.delimiter)
  spawnSync(
    'npm',
    ['install', '--no-save', '--no-audit', '--loglevel=error', `keytar@${optionalDependencies.keytar}`],
    {
      cwd: ROOT,
      stdio: ['ignore', 'ignore', 'inherit'],
      env: { ...process.env, PATH },
    },
  )
}
