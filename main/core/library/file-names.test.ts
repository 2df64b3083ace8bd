import { join, resolve, sep } from 'node:path'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { fillTemplate, freeName, nameKey, numberedName, safeFileName } from './file-names.ts'

const TEMPLATE = '{artist} - {title} [{bpm} {key}]'
const fields = { artist: 'Nia', title: 'Tide', album: null, bpm: 124, key: '8A' }

describe('R-DC-20: names from a template', () => {
  it.each([
    [fields, 'Nia - Tide [124 8A]'],
    [{ ...fields, bpm: null, key: null }, 'Nia - Tide'],
    [{ ...fields, bpm: null }, 'Nia - Tide [8A]'],
    [{ ...fields, key: null }, 'Nia - Tide [124]'],
    [{ ...fields, artist: null }, 'Tide [124 8A]'],
    [{ ...fields, title: null }, 'Nia [124 8A]'],
    [{ ...fields, bpm: 173.96 }, 'Nia - Tide [174 8A]'],
    [{ ...fields, artist: 'AC/DC', title: 'a\\b' }, 'AC-DC - a-b [124 8A]'],
    [{ ...fields, title: '{artist}' }, 'Nia - {artist} [124 8A]'],
  ])('%o becomes %s', (given, name) => {
    expect(fillTemplate(TEMPLATE, given)).toBe(name)
  })

  it('keeps brackets that belong to the title', () => {
    expect(fillTemplate('{title} ({album})', { ...fields, title: 'Tide (Remix)' })).toBe('Tide (Remix)')
  })
})

describe('R-DC-12: names that every file system takes', () => {
  it.each([
    ['../../etc/passwd', '-..-etc-passwd.mp3'],
    ['..\\..\\x', '-..-x.mp3'],
    ['/absolute', '-absolute.mp3'],
    ['C:\\Windows\\x', 'C--Windows-x.mp3'],
    ['\\\\server\\share', '--server-share.mp3'],
    ['a\u0000b', 'ab.mp3'],
    ['%2e%2e%2fx', '%2e%2e%2fx.mp3'],
    ['..', 'Untitled.mp3'],
    ['', 'Untitled.mp3'],
    ['   ', 'Untitled.mp3'],
    ['CON', '_CON.mp3'],
    ['con', '_con.mp3'],
    ['aux.tar', '_aux.tar.mp3'],
    ['NUL ', '_NUL.mp3'],
    ['COM1', '_COM1.mp3'],
    ['LPT¹', '_LPT¹.mp3'],
    ['CONIN$', '_CONIN$.mp3'],
    ['CONTROL', 'CONTROL.mp3'],
    ['COM10', 'COM10.mp3'],
    ['a.txt:stream', 'a.txt-stream.mp3'],
    ['<b>:"/\\|?*', "(b)-'---.mp3"],
    ['trailing. . ', 'trailing.mp3'],
    ['.hidden', 'hidden.mp3'],
    ['line\nbreak\tand\u0007bell', 'line break andbell.mp3'],
    ['evil\u202Egpm.exe', 'evilgpm.exe.mp3'],
    ['iso\u2066late\u2069', 'isolate.mp3'],
    ['zero\u200Bwidth\uFEFF', 'zerowidth.mp3'],
    ['A\u030Angstro\u0308m', 'Ångström.mp3'],
    ['lone\uD800surrogate', 'lonesurrogate.mp3'],
    ['ナイト – हिन्दी 🎧', 'ナイト – हिन्दी 🎧.mp3'],
    ['👩‍👩‍👧 family', '👩‍👩‍👧 family.mp3'],
    ['# first', '# first.mp3'],
  ])('%j becomes %j', (stem, name) => {
    expect(safeFileName(stem, 'mp3')).toBe(name)
  })

  it('cuts between graphemes and keeps the extension', () => {
    const family = '👩‍👩‍👧'
    const name = safeFileName(family.repeat(60), 'flac')
    expect(Buffer.byteLength(name)).toBeLessThanOrEqual(255)
    expect(name.slice(0, -5).split(family).join('')).toBe('')
    expect(name.endsWith('.flac')).toBe(true)
  })

  const anyStem = fc.oneof(
    fc.string({ unit: 'binary', maxLength: 400 }),
    fc.string({
      unit: fc.constantFrom('.', '/', '\\', ' ', 'A', 'é', '\u202E', '\uD800', '🎧', ':', '-', '\u0000'),
      maxLength: 60,
    }),
    fc.constantFrom('con', 'NUL.x', 'lpt9. ', '../..', 'x'.repeat(500)),
  )

  it('is one valid component inside the folder, whatever comes in', () => {
    fc.assert(
      fc.property(anyStem, fc.constantFrom('mp3', 'flac', 'wav', 'aiff', 'zip', '../x', ''), (stem, extension) => {
        const name = safeFileName(stem, extension)
        const folder = resolve(`${sep}music`)
        expect(join(folder, name)).toBe(`${folder}${sep}${name}`)
        expect(name).not.toBe('')
        expect(Buffer.byteLength(name)).toBeLessThanOrEqual(255)
        // biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what must not be there.
        expect(name).not.toMatch(/[<>:"/\\|?*\u0000-\u001f\u202A-\u202E\u2066-\u2069]|[. ]$|^[. ]/)
        expect(name.split('.')[0]?.trimEnd()).not.toMatch(/^(con|prn|aux|nul|(com|lpt)[0-9])$/i)
        expect(name).toBe(name.normalize('NFC'))
        expect(name.isWellFormed()).toBe(true)
        expect(Buffer.from(name).toString()).toBe(name)
      }),
      { numRuns: 5_000 },
    )
  })

  it('is stable: a safe name stays as it is', () => {
    fc.assert(
      fc.property(anyStem, (stem) => {
        const name = safeFileName(stem, '')
        expect(safeFileName(name, '')).toBe(name)
      }),
    )
  })
})

describe('R-DC-12: twins get a number, never a place', () => {
  it.each([
    ['Tide.mp3', 'TIDE.MP3'],
    ['Ångström.mp3', 'Ångström.mp3'.normalize('NFD')],
    ['Straße.mp3', 'STRASSE.mp3'],
    ['a\u200Db.mp3', 'ab.mp3'],
  ])('%j and %j are one name', (one, other) => {
    expect(nameKey(one)).toBe(nameKey(other))
    expect(freeName(other, new Set([nameKey(one)]))).toMatch(/ \(2\)\./)
  })

  it('plain names have the keys that they have beside letters of other alphabets', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary-ascii', maxLength: 40 }), (name) => {
        expect(nameKey(name)).toBe(nameKey(`${name}\u200D`))
        expect(`${nameKey(name)}${nameKey('Å')}`).toBe(nameKey(`${name}Å`))
      }),
      { numRuns: 1_000 },
    )
  })

  it('counts on, and never grows beyond 255 bytes', () => {
    expect(numberedName('Tide.mp3', 3)).toBe('Tide (3).mp3')
    expect(numberedName('Vol. 2', 2)).toBe('Vol (2). 2')
    fc.assert(
      fc.property(
        fc.string({ unit: 'binary', maxLength: 400 }),
        fc.integer({ min: 2, max: 99_999 }),
        (stem, number) => {
          expect(Buffer.byteLength(numberedName(safeFileName(stem, 'mp3'), number))).toBeLessThanOrEqual(255)
        },
      ),
    )
  })

  it('finds a free name between many taken ones', () => {
    const taken = new Set([1, 2, 3, 4].map((number) => nameKey(numberedName('Tide.mp3', number))))
    expect(freeName('tide.mp3', taken)).toBe('tide (5).mp3')
  })

  it('numbers thousands of one name without gaps, looking at few', () => {
    const taken = new Set<string>()
    let looks = 0
    const counted = Object.assign(Object.create(taken) as Set<string>, {
      has(key: string) {
        looks += 1
        return taken.has(key)
      },
    })
    for (let number = 1; number <= 5_000; number++) {
      const name = freeName('Untitled.mp3', counted)
      expect(name).toBe(numberedName('Untitled.mp3', number))
      taken.add(nameKey(name))
    }
    expect(looks).toBeLessThan(5_000 * 50)
  })

  it('a name is free whatever else is taken', () => {
    fc.assert(
      fc.property(fc.uniqueArray(fc.integer({ min: 1, max: 80 })), (numbers) => {
        const taken = new Set(numbers.map((number) => nameKey(numberedName('Tide.mp3', number))))
        expect(taken.has(nameKey(freeName('Tide.mp3', taken)))).toBe(false)
      }),
    )
  })
})
