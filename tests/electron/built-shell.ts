import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import path from 'node:path'
import { fileURLToPath } from 'node:url'
import { runBuild } from './run-build.ts'

const ROOT = fileURLToPath(new URL('../..', import.meta.url))

/** A page that stands for the built renderer where a test is about the shell alone. */
const PAGE = '<!doctype html><meta property="csp-nonce" nonce="__CSP_NONCE__"><script src="./assets/page.js"></script>'

/** Bundles the shell as it is now into a folder inside the project, where its native modules are found. */
export async function buildShellForTests(): Promise<{ folder: string; remove(): Promise<void> }> {
  await mkdir(path.join(ROOT, '.tmp'), { recursive: true })
  const folder = await mkdtemp(path.join(ROOT, '.tmp/shell-'))
  runBuild('shell.ts', folder)
  await mkdir(path.join(folder, 'renderer/assets'), { recursive: true })
  await writeFile(path.join(folder, 'renderer/index.html'), PAGE)
  await writeFile(path.join(folder, 'renderer/assets/page.js'), 'document.title = "page"')
  await writeFile(path.join(folder, 'secret.json'), '{}')
  return { folder, remove: () => rm(folder, { recursive: true, force: true }) }
}
