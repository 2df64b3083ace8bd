import { link, mkdir, readFile, rename, stat, symlink, writeFile } from 'node:fs/promises'
import path from 'node:path'
import { expect } from 'vitest'
import { type DiskFault, isPart } from '../../../_kit/failing-disk.ts'
import { DONE, type FaultCase, type Standing } from '../case.ts'
import { editDatabase, editSidecar, lengthenPart, removeDatabase, removePart } from '../edits.ts'
import { type Scene, SEGMENT, SIZE } from '../scene.ts'

const SPACE = { status: 'needs-space', code: 'disk-full' } as const
const FOLDER = { status: 'needs-folder', code: 'folder-not-writable' } as const
const ERROR = { status: 'stalled', code: 'disk-error' } as const

/** One operation of the disk fails until the fault is lifted; then it goes on by itself. */
function failing(
  number: number,
  what: string,
  fault: DiskFault,
  meanwhile: Standing,
  more: Partial<FaultCase> = {},
): FaultCase {
  return {
    number,
    what,
    by: 'an injected disk',
    make: (scene) => void scene.notes.set('lift', scene.disk.fail(fault)),
    meanwhile,
    cure: (scene) => (scene.notes.get('lift') as () => void)(),
    end: DONE,
    again: 'what was on its way',
    ...more,
  }
}

/** A few operations fail, and nobody has to do anything. */
function passing(number: number, what: string, fault: DiskFault, more: Partial<FaultCase> = {}): FaultCase {
  return {
    number,
    what,
    by: 'an injected disk',
    make: (scene) => void scene.disk.fail(fault),
    end: DONE,
    again: 'nothing',
    ...more,
  }
}

const LINKS = ['link'] as const
const isFinal = (place: string) => place.endsWith('.wav')

/** Cases 51 to 62 and 67: the disk, its folders and its clock fail. Only what needs root or another system is injected. */
export const DISK_CASES: readonly FaultCase[] = [
  failing(51, 'no space when the part is opened', { operations: ['open'], code: 'ENOSPC', on: isPart }, SPACE, {
    again: 'nothing',
  }),
  failing(
    51,
    'no space in the middle of writing',
    { operations: ['write'], code: 'ENOSPC', on: isPart, after: 4 },
    SPACE,
  ),
  failing(
    51,
    'the quota of the user is used up',
    { operations: ['write'], code: 'EDQUOT', on: isPart, after: 2 },
    SPACE,
  ),
  failing(
    51,
    'the file system takes no file of this size',
    { operations: ['write'], code: 'EFBIG', on: isPart, after: 2 },
    SPACE,
  ),
  failing(51, 'no space when the finished file is linked', { operations: LINKS, code: 'ENOSPC' }, SPACE, {
    again: 'nothing',
  }),
  failing(
    51,
    'no space for the sidecar',
    { operations: ['open'], code: 'ENOSPC', on: (place) => place.endsWith('.json.tmp') },
    SPACE,
    {
      again: 'nothing',
    },
  ),
  {
    number: 51,
    what: 'too little is free before anything is fetched',
    by: 'an injected disk',
    make: (scene) => scene.disk.setFree(4096),
    meanwhile: SPACE,
    cure(scene) {
      expect(scene.server.seen.files).toBe(0)
      scene.disk.setFree(null)
    },
    end: DONE,
    again: 'nothing',
    check({ rig }) {
      const told = rig.events.find(
        (event) => event.type === 'delivery.progressed' && event.download.status === 'needs-space',
      )
      expect(told?.type === 'delivery.progressed' && told.download.missingBytes).toBeGreaterThan(0)
    },
  },
  {
    number: 51,
    what: 'no space for the journal: the local database is full',
    by: 'an injected disk',
    make: (scene) => void scene.notes.set('lift', fillDatabase(scene)),
    meanwhile: SPACE,
    cure: (scene) => (scene.notes.get('lift') as () => void)(),
    end: DONE,
    again: 'what was on its way',
  },
  failing(
    52,
    'an input/output error in the middle of writing',
    { operations: ['write'], code: 'EIO', on: isPart, after: 4 },
    ERROR,
  ),
  {
    number: 52,
    what: 'fsync fails once: nothing written is believed, and fsync is not simply asked again',
    by: 'an injected disk',
    make(scene) {
      scene.disk.fail({ operations: ['sync', 'datasync'], code: 'EIO', on: isPart, times: 1 })
    },
    meanwhile: ERROR,
    end: DONE,
    // What the disk could not keep comes again.
    again: 2 * SIZE,
  },
  {
    number: 52,
    what: 'fsync fails once, and what may be lost can not be removed then: it is not believed later either, though it reads well',
    by: 'an injected disk',
    make(scene) {
      scene.disk.fail({ operations: ['sync', 'datasync'], code: 'EIO', on: isPart, times: 1 })
      scene.disk.fail({ operations: ['unlink'], code: 'EIO', on: isPart, times: 1 })
    },
    meanwhile: ERROR,
    end: DONE,
    again: 2 * SIZE,
    check: async ({ server, start }) =>
      expect(server.seen.fileBytes).toBeGreaterThanOrEqual(start === 'fresh' ? 2 * SIZE : SIZE),
  },
  failing(
    52,
    'an input/output error as the part is closed, as a share of the network tells it',
    { operations: ['close'], code: 'EIO', on: isPart },
    ERROR,
    { again: 'nothing' },
  ),
  passing(51, 'the quota is used up as the hints are closed', {
    operations: ['close'],
    code: 'EDQUOT',
    on: (place) => place.endsWith('.begun'),
  }),
  passing(
    53,
    'an interrupted write',
    { operations: ['write'], code: 'EINTR', on: isPart, after: 1, times: 3 },
    {
      again: 'what was on its way',
    },
  ),
  {
    number: 53,
    what: 'every write takes less than it was given',
    by: 'an injected disk',
    make: (scene) => scene.disk.shortenWrites(7_777),
    end: DONE,
    again: 'nothing',
  },
  failing(54, 'the part may not be written', { operations: ['open'], code: 'EACCES', on: isPart }, FOLDER, {
    again: 'nothing',
  }),
  failing(
    54,
    'the disk became read-only in the middle',
    { operations: ['write'], code: 'EROFS', on: isPart, after: 3 },
    FOLDER,
  ),
  failing(
    54,
    'the library may not be written',
    { operations: ['link', 'open', 'rename'], code: 'EACCES', on: isFinal },
    FOLDER,
    {
      again: 'nothing',
    },
  ),
  {
    number: 54,
    what: 'the library folder is taken away while the file arrives',
    by: 'edited files',
    make(scene) {
      let isGone = false
      scene.always((request) => {
        if (isGone) return request.honest()
        isGone = true
        void rename(scene.rig.library, `${scene.rig.library}-away`).then(request.honest)
      })
    },
    meanwhile: { status: 'needs-folder', code: 'folder-missing' },
    cure: (scene) => rename(`${scene.rig.library}-away`, scene.rig.library),
    end: DONE,
    again: 'nothing',
  },
  {
    number: 54,
    what: 'the chosen library folder is not there: it is waited for, not made',
    by: 'edited files',
    starts: ['fresh'],
    before(scene) {
      scene.libraryFolder = path.join(scene.folder, 'stick', 'Music')
    },
    meanwhile: { status: 'needs-folder', code: 'folder-missing' },
    async cure(scene) {
      expect(scene.server.seen.inits).toBe(0)
      await mkdir(scene.libraryFolder ?? '', { recursive: true })
    },
    end: DONE,
    again: 'nothing',
  },
  {
    number: 54,
    what: 'the default library folder is not there: it is made',
    by: 'edited files',
    starts: ['fresh'],
    before(scene) {
      scene.libraryFolder = path.join(scene.folder, 'Library')
    },
    end: DONE,
    again: 'nothing',
  },
  {
    number: 55,
    what: 'a file of that name is there: ours gets a number',
    by: 'edited files',
    make: (scene) => writeFile(path.join(scene.rig.library, 'NIA - TIDE.WAV'), 'mine'),
    end: DONE,
    again: 'nothing',
    fileName: 'Nia - Tide (2).wav',
    others: ['NIA - TIDE.WAV'],
    check: async ({ rig }) => expect(await readFile(path.join(rig.library, 'NIA - TIDE.WAV'), 'utf8')).toBe('mine'),
  },
  {
    number: 55,
    what: 'a file takes that name between looking and publishing',
    by: 'an injected disk',
    make(scene) {
      const { disk } = scene.disk
      const honest = disk.link.bind(disk)
      Object.assign(disk, {
        async link(from: string, to: string) {
          if (path.basename(to) === 'Nia - Tide.wav') await writeFile(to, 'first')
          await honest(from, to)
        },
      })
    },
    end: DONE,
    again: 'nothing',
    fileName: 'Nia - Tide (2).wav',
    others: ['Nia - Tide.wav'],
    check: async ({ rig }) => expect(await readFile(path.join(rig.library, 'Nia - Tide.wav'), 'utf8')).toBe('first'),
  },
  passing(55, 'this file system has no hard links', { operations: LINKS, code: 'ENOTSUP' }),
  {
    number: 55,
    what: 'no hard links, and a file of that name is there',
    by: 'an injected disk',
    async make(scene) {
      scene.disk.fail({ operations: LINKS, code: 'ENOTSUP' })
      await writeFile(path.join(scene.rig.library, 'nia - tide.wav'), 'mine')
    },
    end: DONE,
    again: 'nothing',
    fileName: 'Nia - Tide (2).wav',
    others: ['nia - tide.wav'],
    check: async ({ rig }) => expect(await readFile(path.join(rig.library, 'nia - tide.wav'), 'utf8')).toBe('mine'),
  },
  passing(55, 'links are not permitted here', { operations: LINKS, code: 'EPERM' }),
  passing(55, 'a virus scanner holds the file for a moment', { operations: LINKS, code: 'EBUSY', times: 3 }),
  {
    number: 55,
    what: 'no links, and the file is held for a moment when it is renamed',
    by: 'an injected disk',
    make(scene) {
      scene.disk.fail({ operations: LINKS, code: 'EPERM' })
      scene.disk.fail({ operations: ['rename'], code: 'EBUSY', on: isFinal, times: 3 })
    },
    end: DONE,
    again: 'nothing',
  },
  {
    number: 55,
    what: 'the library lies on another volume',
    by: 'edited files',
    starts: ['fresh'],
    make: (scene) => void scene.disk.fail({ operations: LINKS, code: 'EXDEV' }),
    end: DONE,
    again: 'nothing',
  },
  failing(56, 'too many files are open', { operations: ['open'], code: 'EMFILE', on: isPart }, ERROR, {
    again: 'nothing',
  }),
  failing(56, 'the system has too many files open', { operations: ['open'], code: 'ENFILE', on: isPart }, ERROR, {
    again: 'nothing',
  }),
  ...lostDatabases(),
  {
    number: 59,
    what: 'the part is gone, its journal is not',
    by: 'edited files',
    starts: ['resumed'],
    between: removePart,
    end: DONE,
    again: 'nothing',
  },
  {
    number: 59,
    what: 'the part is longer than the file',
    by: 'edited files',
    starts: ['resumed'],
    between: (scene) => lengthenPart(scene, 2 * SIZE),
    end: DONE,
    again: SEGMENT,
  },
  {
    number: 59,
    what: 'files that belong to nothing lie in the staging folder',
    by: 'edited files',
    starts: ['resumed'],
    between: (scene) => writeFile(path.join(scene.rig.staging, `${scene.random.uuid()}.part`), 'x'),
    end: DONE,
    again: 'nothing',
  },
  {
    number: 59,
    what: 'the sidecar is no JSON',
    by: 'edited files',
    starts: ['resumed'],
    between: (scene) => editSidecar(scene, '{"version":'),
    end: DONE,
    again: 'nothing',
  },
  ...[
    ['a day ahead', 86_400_000],
    ['a day back', -86_400_000],
    ['ten years ahead', 315_360_000_000],
    ['ten years back', -315_360_000_000],
  ].map(
    ([what, by]): FaultCase => ({
      number: 61,
      what: `the clock is set ${what} while bytes come and while it waits`,
      by: 'an injected clock',
      make(scene) {
        let asked = 0
        scene.server.rules.file = (request) => {
          asked += 1
          if (asked === 1) scene.clock.setCalendar(Number(by))
          if (asked <= scene.connections) request.socket.resetAndDestroy()
          else request.honest()
        }
      },
      end: DONE,
      again: 'nothing',
    }),
  ),
  {
    number: 62,
    what: 'the computer sleeps for eight hours in the middle: lines, tokens and session are gone',
    by: 'an injected clock',
    make(scene) {
      let hasSlept = false
      let isRefused = false
      scene.always((request) => {
        if (hasSlept) return request.honest()
        hasSlept = true
        request.spoil()
        request.send(request.head(), request.bytes().subarray(0, 20_000))
        setTimeout(() => {
          scene.server.cutAll()
          scene.clock.leap(8 * 3_600_000)
        }, 15)
      })
      scene.server.rules.beforeToken = (_, refuse) => {
        if (!hasSlept || isRefused) return false
        isRefused = true
        refuse('not-signed-in')
        return true
      }
    },
    end: DONE,
    again: 'what was on its way',
  },
  ...(['symbolic', 'hard'] as const).map(
    (kind): FaultCase => ({
      number: 67,
      what: `a ${kind} link was planted at the place of the part`,
      by: 'edited files',
      starts: ['fresh'],
      async make(scene) {
        const precious = path.join(scene.folder, 'precious')
        await writeFile(precious, 'precious')
        await mkdir(scene.rig.staging, { recursive: true })
        const place = path.join(scene.rig.staging, `${scene.downloadId}.part`)
        await (kind === 'symbolic' ? symlink(precious, place) : link(precious, place))
      },
      end: DONE,
      again: 'nothing',
      check: async ({ folder }) => expect(await readFile(path.join(folder, 'precious'), 'utf8')).toBe('precious'),
    }),
  ),
  {
    number: 67,
    what: 'a symbolic link was planted at the final name',
    by: 'edited files',
    async make(scene) {
      const precious = path.join(scene.folder, 'precious')
      await writeFile(precious, 'precious')
      await symlink(precious, path.join(scene.rig.library, 'Nia - Tide.wav'))
    },
    end: DONE,
    again: 'nothing',
    fileName: 'Nia - Tide (2).wav',
    others: ['Nia - Tide.wav'],
    async check({ folder, rig }) {
      expect(await readFile(path.join(folder, 'precious'), 'utf8')).toBe('precious')
      expect((await stat(path.join(rig.library, 'Nia - Tide (2).wav'))).isFile()).toBe(true)
    },
  },
]

/** The queue is found again from the staging folder: no entry is lost, no byte is fetched twice. */
function lostDatabases(): FaultCase[] {
  const losses: readonly (readonly [string, (scene: Scene) => Promise<void>])[] = [
    ['is gone', removeDatabase],
    ['is empty', (scene) => editDatabase(scene, () => Buffer.alloc(0))],
    ['is full of zeros', (scene) => editDatabase(scene, (bytes) => Buffer.alloc(bytes.length))],
    ['is cut in the middle', (scene) => editDatabase(scene, (bytes) => bytes.subarray(0, bytes.length / 2))],
    ['is noise', (scene) => editDatabase(scene, (bytes) => scene.random.bytes(bytes.length))],
    [
      'has noise in its middle',
      (scene) =>
        editDatabase(scene, (bytes) => {
          const copy = Buffer.from(bytes)
          copy.set(scene.random.bytes(8192), Math.floor(copy.length / 2))
          return copy
        }),
    ],
  ]
  return losses.map(
    ([what, between]): FaultCase => ({
      number: 59,
      what: `the local database ${what}`,
      by: 'edited files',
      starts: ['resumed'],
      between,
      end: DONE,
      again: 'nothing',
    }),
  )
}

/** The journal finds no room in the local database; the answer makes room. */
function fillDatabase({ rig: { db } }: Scene): () => void {
  const prepare = db.prepare.bind(db)
  db.prepare = (sql: string) => {
    if (/insert.*download_segments/is.test(sql))
      throw Object.assign(new Error('database or disk is full'), { code: 'ERR_SQLITE_ERROR', errcode: 13 })
    return prepare(sql)
  }
  return () => {
    db.prepare = prepare
  }
}
