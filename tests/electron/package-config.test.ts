import { readFile } from 'node:fs/promises'
import path from 'node:path'
import { fileURLToPath } from 'node:url'
import { inflateSync } from 'node:zlib'
import { getConfig, validateConfiguration } from 'app-builder-lib/out/util/config/config.js'
import { DebugLogger } from 'builder-util'
import { describe, expect, test } from 'vitest'
import { drawIcons } from '../../build/icons/draw-icons.ts'

const ROOT = fileURLToPath(new URL('../..', import.meta.url))
const read = (file: string): Promise<Buffer> => readFile(path.join(ROOT, file))
const config = await getConfig(ROOT, 'electron-builder.yml', null)
/** A setting that would hold a secret; the settings of signing are read from the environment. */
const SECRET_SETTING = /^\s*\S*(password|passphrase|token|secret|cscLink|subjectName|sha1|ApiKey)\S*:/i

/** The pixels of a PNG of ours, before filters: Node versions compress differently. */
function pixelsOf(png: Buffer): Buffer {
  let at = 8
  const parts: Buffer[] = []
  while (at < png.length) {
    const length = png.readUInt32BE(at)
    if (png.toString('latin1', at + 4, at + 8) === 'IDAT') parts.push(png.subarray(at + 8, at + 8 + length))
    at += 12 + length
  }
  return inflateSync(Buffer.concat(parts))
}

describe('R-DC-27: the packages', () => {
  test.each(['electron-builder.yml', 'electron-builder.ci.yml'])(
    'R-DC-27: electron-builder accepts every line of %s',
    async (file) => {
      const given = await getConfig(ROOT, file, null)
      await expect(validateConfiguration(given, new DebugLogger(false))).resolves.toBeUndefined()
      await expect(
        validateConfiguration({ ...given, ['proctocols' as 'protocols']: [] }, new DebugLogger(false)),
      ).rejects.toThrow('proctocols')
    },
  )

  test('R-DC-27: there are targets for Linux, macOS and Windows', () => {
    const targets = [config.linux, config.mac, config.win].map((system) =>
      [system?.target ?? []].flat().map((target) => (typeof target === 'string' ? target : target.target)),
    )
    expect(targets).toEqual([['AppImage', 'deb'], ['dmg', 'zip'], ['nsis']])
  })

  test('R-DC-27: mixmint:// links belong to the app', () => {
    expect(config.protocols).toMatchObject([{ schemes: ['mixmint'] }])
  })

  test('R-DC-27: all seven fuses are set, each to the safe side', () => {
    expect(config.electronFuses).toEqual({
      runAsNode: false,
      enableNodeOptionsEnvironmentVariable: false,
      enableNodeCliInspectArguments: false,
      enableCookieEncryption: true,
      enableEmbeddedAsarIntegrityValidation: true,
      onlyLoadAppFromAsar: true,
      grantFileProtocolExtraPrivileges: false,
    })
  })

  test('R-DC-27: macOS gets the hardened runtime with one exception, and no secret is written down', async () => {
    expect(config.mac).toMatchObject({ hardenedRuntime: true, entitlements: 'build/entitlements.mac.plist' })
    const plist = (await read('build/entitlements.mac.plist')).toString('utf8')
    expect([...plist.matchAll(/<key>(.*)<\/key>/g)].map(([, key]) => key)).toEqual(['com.apple.security.cs.allow-jit'])
    const lines = (await read('electron-builder.yml')).toString('utf8').split('\n')
    expect(lines.filter((line) => SECRET_SETTING.test(line))).toEqual([])
  })

  test("R-DC-27: the packaged version is Electron's that the project is checked against", async () => {
    const { version } = JSON.parse((await read('node_modules/electron/package.json')).toString('utf8'))
    expect(config.electronVersion).toBe(version)
  })

  test('R-DC-27: the committed icons are the drawn ones, in every size that a system asks for', async () => {
    const drawn = drawIcons()
    expect([...drawn.keys()]).toEqual(
      expect.arrayContaining(['icon.png', 'icon.ico', 'icon.icns', 'icons/512x512.png']),
    )
    for (const [file, bytes] of drawn) {
      const committed = await read(`build/${file}`)
      if (file.endsWith('.png')) expect(pixelsOf(committed).equals(pixelsOf(bytes)), file).toBe(true)
    }
    const icns = await read('build/icon.icns')
    expect(icns.toString('latin1', 0, 4)).toBe('icns')
    expect(icns.readUInt32BE(4)).toBe(icns.length)
    const ico = await read('build/icon.ico')
    expect(ico.readUInt16LE(4)).toBe(7)
    const last = 6 + 16 * 6
    expect(ico.readUInt32LE(last + 12) + ico.readUInt32LE(last + 8)).toBe(ico.length)
  })
})
