import { writeFile } from 'node:fs/promises'
import { expect } from 'vitest'
import { DONE, type FaultCase } from '../case.ts'
import { type Scene, SEGMENT } from '../scene.ts'

/** What a name may be on NTFS, APFS and ext4 alike. */
function expectPortable(name: string): void {
  expect(name).toMatch(/\.wav$/)
  expect(Buffer.byteLength(name)).toBeLessThanOrEqual(255)
  expect(name).toBe(name.normalize('NFC'))
  expect(name).not.toMatch(/[<>:"/\\|?*\p{Cc}]|[. ]$|^\.|^ /u)
  expect(name).not.toMatch(/[\u200b\u200e\u200f\u202a-\u202e\u2060-\u2069\ufeff]/)
  expect(name.split('.')[0] ?? '').not.toMatch(/^(con|prn|aux|nul|com[0-9¹²³]|lpt[0-9¹²³])$/i)
  expect(name.isWellFormed()).toBe(true)
}

function named(number: number, what: string, title: string, artist = 'Nia'): FaultCase {
  return {
    number,
    what,
    by: 'the catalogue',
    starts: ['fresh'],
    connections: [1],
    before(scene) {
      scene.title = title
      scene.artist = artist
    },
    end: DONE,
    again: 'nothing',
    fileName: 'any',
    async check({ rig }) {
      for (const name of await rig.libraryNames()) expectPortable(name)
    },
  }
}

/** The server's own name of the file, which is used for its ending and where nothing else is known. */
function servedAs(what: string, fileName: string): FaultCase {
  return {
    ...named(63, what, '', ''),
    before(scene) {
      scene.title = ''
      scene.artist = ''
      scene.object = scene.server.put(scene.object.content, scene.object.bytes, { segmentSize: SEGMENT, fileName })
    },
  }
}

function sized(what: string, size: number): FaultCase {
  return {
    number: 68,
    what,
    by: 'the catalogue',
    starts: ['fresh'],
    before: (scene) => resize(scene, size),
    end: DONE,
    again: 'nothing',
  }
}

function resize(scene: Scene, size: number): void {
  const options = { segmentSize: SEGMENT, fileName: 'x.wav' }
  scene.object = scene.server.put(scene.object.content, scene.random.bytes(size), options)
}

/** Cases 63 to 66 and 68: names that lead astray, and sizes at the edges. 5,000 more names stand in the tests of names. */
export const NAME_CASES: readonly FaultCase[] = [
  named(63, 'a title that climbs', '../../../etc/cron.d/x'),
  named(63, 'a title that climbs by backslashes', '..\\..\\Windows\\x'),
  named(63, 'an absolute title', '/etc/passwd'),
  named(63, 'a drive', 'C:\\x'),
  named(63, 'a share', '\\\\srv\\share\\x'),
  named(63, 'a NUL', 'Tide\0.exe'),
  named(63, 'an encoded climb', '%2e%2e%2f%2e%2e%2fx'),
  named(63, 'two dots alone', '..', '..'),
  servedAs('the server names it with a climb', '../../x.wav'),
  servedAs('the server names it with a drive', 'C:\\x.wav'),
  servedAs('the server names it with a NUL', 'a\0b.wav'),
  named(64, 'a device of Windows', 'CON', ''),
  named(64, 'a device with an ending', 'nul.tar', ''),
  named(64, 'a device with a superscript', 'COM¹', ''),
  named(64, 'everything that Windows forbids', '<>:"/\\|?*\u0001\u001f'),
  named(64, 'dots and spaces at the end', 'Tide . . .'),
  named(64, 'a stream of NTFS', 'Tide.txt:stream'),
  named(65, 'ten thousand letters', 'a'.repeat(10_000)),
  named(65, 'a long name of Hindi', 'नमस्ते'.repeat(200)),
  named(65, 'a long name of families', '👨‍👩‍👧‍👦'.repeat(100)),
  named(65, 'one letter with a thousand accents', `e${'\u0301'.repeat(1000)}`),
  named(66, 'a title that is not composed', 'Tide\u0301'),
  named(66, 'an override of direction', 'Tide\u202evaw.exe'),
  named(66, 'nothing that can be seen', '\u200b\u200c\u200d\ufeff'),
  named(66, 'half a character', 'Tide\ud800'),
  {
    ...named(66, 'its twin in the other composition is here', 'Cafe\u0301'),
    make: (scene) => keepTwin(scene, 'Nia - Caf\u00e9.wav'),
    others: ['Nia - Caf\u00e9.wav'],
  },
  {
    ...named(66, 'its twin in capitals is here', 'Straße'),
    make: (scene) => keepTwin(scene, 'NIA - STRASSE.WAV'),
    others: ['NIA - STRASSE.WAV'],
    check: () => {},
  },
  sized('a file of 0 bytes', 0),
  sized('a file of 1 byte', 1),
  sized('one byte less than a segment', SEGMENT - 1),
  sized('one segment', SEGMENT),
  sized('one byte more than a segment', SEGMENT + 1),
  sized('five whole segments', 5 * SEGMENT),
]

async function keepTwin({ rig }: Scene, name: string): Promise<void> {
  await writeFile(`${rig.library}/${name}`, 'mine')
}
