import { existsSync } from 'node:fs'
import path from 'node:path'
import { fileURLToPath } from 'node:url'
import { type Asar, readAsar } from './read-asar.ts'

const ROOT = fileURLToPath(new URL('../..', import.meta.url))

const MUST_HOLD = [
  'package.json',
  'build/app-config.json',
  'out/main.mjs',
  'out/preload.cjs',
  'out/icons/icon.png',
  'out/icons/tray.png',
  'out/renderer/index.html',
  'node_modules/@napi-rs/keyring/package.json',
]
/** Whatever is not one of these was packed by mistake. */
const MAY_HOLD = [
  /^package\.json$/,
  /^build\/app-config\.json$/,
  /^out\/[\w.-]+\.(mjs|cjs)$/,
  /^out\/icons\/[\w@.]+\.png$/,
  /^out\/renderer\/index\.html$/,
  /^out\/renderer\/[\w-]+\.svg$/,
  /^out\/renderer\/assets\/[\w.-]+\.(js|css|woff2|svg|png|webp)$/,
  /^node_modules\/@napi-rs\/keyring[\w-]*\/[\w./-]+$/,
  /^node_modules\/keytar\/(package\.json|lib\/[\w.-]+|build\/Release\/keytar\.node)$/,
]
const TEXT = /\.(mjs|cjs|js|json|html|css|svg)$/
/** What only a server, a test or a developer's computer knows. */
const SECRETS: readonly (readonly [what: string, pattern: RegExp])[] = [
  ['a service role key', /service_role|SUPABASE_SERVICE|sb_secret_/],
  ['a private key', /-----BEGIN [A-Z ]*PRIVATE KEY/],
  ['a payment key', /\b[sr]k_(live|test)_[A-Za-z0-9]|rzp_(live|test)_[A-Za-z0-9]/],
  ['a storage key', /\bAKIA[0-9A-Z]{16}\b/],
  ['a signed token', /\beyJ[\w-]{10,}\.eyJ[\w-]{10,}\./],
  ['the address of a database', /postgres(ql)?:\/\/|DATABASE_URL/],
  ['the seed', /server\/seed|MIXMINT_SEED/],
  ['a folder of the computer that built it', new RegExp(ROOT.replace(/[.*+?^${}()|[\]\\]/g, '\\$&').slice(0, -1))],
]
/** Names of XML and JSON formats, which nothing fetches, this computer itself, and hosts that are put in when the app runs. */
const HARMLESS_HTTP =
  /^http:\/\/(www\.w3\.org\/|json-schema\.org\/|musicbrainz\.org|localhost\b|127\.0\.0\.1\b|unix\$\{|app\/|\[)/
/** The scheme alone, before a host that is put in when the app runs. */
const NO_ADDRESS = /^http:\/\/(\$\{.*)?$/
const MAP_REFERENCE = /sourceMappingURL=/

/** What is wrong with a packaged app, one sentence each; `resources` is the folder of its `app.asar`. Throws when there is no archive. */
export async function packageProblems(resources: string): Promise<string[]> {
  const asar = await readAsar(path.join(resources, 'app.asar'))
  const paths = new Set(asar.entries.map((entry) => entry.path))
  return [
    ...MUST_HOLD.filter((name) => !paths.has(name)).map((name) => `${name} is missing.`),
    ...[...paths].filter((name) => !MAY_HOLD.some((known) => known.test(name))).map((name) => `${name} is not wanted.`),
    ...nativeProblems(asar, resources),
    ...(await textProblems(asar)),
  ]
}

/** Native modules load from the disk, not from the archive. */
function nativeProblems({ entries }: Asar, resources: string): string[] {
  const natives = entries.filter(({ path: name }) => name.endsWith('.node'))
  const packed = natives.filter(
    ({ path: name, isUnpacked }) => !isUnpacked || !existsSync(path.join(resources, 'app.asar.unpacked', name)),
  )
  const isThere = (part: string): boolean => natives.some(({ path: name }) => name.includes(part))
  const keytar = 'node_modules/keytar/build/Release/keytar.node'
  return [
    ...packed.map(({ path: name }) => `${name} is not beside the archive.`),
    ...(isThere('@napi-rs/keyring-') ? [] : ['The keyring module has no native part.']),
    ...(existsSync(path.join(ROOT, keytar)) && !isThere(keytar) ? [`${keytar} is missing.`] : []),
  ]
}

async function textProblems(asar: Asar): Promise<string[]> {
  const problems: string[] = []
  for (const { path: name, isUnpacked } of asar.entries) {
    if (isUnpacked || !TEXT.test(name)) continue
    const text = (await asar.read(name)).toString('utf8')
    for (const [what, pattern] of SECRETS) if (pattern.test(text)) problems.push(`${name} holds ${what}.`)
    if (!name.startsWith('out/')) continue
    if (MAP_REFERENCE.test(text)) problems.push(`${name} names a source map.`)
    for (const [address] of text.matchAll(/http:\/\/[^\s"'`)]*/g))
      if (!NO_ADDRESS.test(address) && !HARMLESS_HTTP.test(address)) problems.push(`${name} names ${address}.`)
  }
  return problems
}
