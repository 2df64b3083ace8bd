import { z } from 'zod'
import { desktopCommand, desktopQuery, domain, serverQuery } from './call.ts'
import { FileNameTemplate } from './file-name-template.ts'
import { Done, Nothing } from './values.ts'

/** A time of the day in the computer's own time zone. */
const TimeOfDay = z.string().regex(/^([01]\d|2[0-3]):[0-5]\d$/, 'A time is 00:00 to 23:59')

/** A limit for some hours of some days (0: Sunday); one that ends at or before its beginning ends on the next day. 0 holds the queue. */
export const SpeedWindow = z.object({
  days: z.array(z.int().min(0).max(6)).min(1).max(7),
  from: TimeOfDay,
  to: TimeOfDay,
  bytesPerSecond: z.int().nonnegative().nullable(),
})
export type SpeedWindow = z.infer<typeof SpeedWindow>

export const Settings = z.object({
  theme: z.enum(['system', 'dark', 'light']),
  /** Files at once, 1 to 6. */
  parallelDownloads: z.int().min(1).max(6),
  /** Connections for one file, 1 to 8. */
  connectionsPerFile: z.int().min(1).max(8),
  /** Bytes per second over all downloads outside the hours of the schedule; null: no limit. 0 holds everything, whatever the schedule says. */
  bandwidthLimit: z.int().nonnegative().nullable(),
  /** Limits by the hour; the first window that holds the present moment applies. */
  speedSchedule: z.array(SpeedWindow).max(20),
  /** Part of the line's measured speed that is left to others, 0 to 90 percent. */
  headroomPercent: z.int().min(0).max(90),
  /** What to do on a connection that is paid by volume. */
  onMetered: z.enum(['ask', 'use', 'wait']),
  /** Whether the connection counts as metered; `auto` asks the system. */
  meteredConnection: z.enum(['auto', 'yes', 'no']),
  /** Keep the computer awake while something downloads. */
  keepAwake: z.boolean(),
  /** What to do when the queue has run empty. */
  afterQueue: z.enum(['nothing', 'sleep']),
  /** Keep the zip of an album pack after its tracks are extracted. */
  keepPackZips: z.boolean(),
  /** Queue what was bought as soon as the payment is captured. */
  downloadAfterPurchase: z.boolean(),
  /** File names of the library: {artist}, {title}, {bpm}, {key}, {album}. */
  fileNameTemplate: FileNameTemplate,
  /** Volume of the player, 0 to 1. */
  volume: z.number().min(0).max(1),
})
export type Settings = z.infer<typeof Settings>

/** A folder the user may choose; calls take its id, never a path. */
export const Folder = z.object({ id: z.string(), name: z.string(), path: z.string() })
export type Folder = z.infer<typeof Folder>

export const app = domain('app', {
  serverInfo: serverQuery({
    about: 'What this server is: its mode, version and the ways to sign in.',
    proof: 'none',
    input: Nothing,
    output: z.object({
      mode: z.enum(['local', 'production']),
      version: z.string(),
      authUrl: z.url(),
      authKey: z.string(),
      /** The origin that device proofs name (`htu`). */
      publicOrigin: z.url(),
      oauthProviders: z.array(z.enum(['google'])),
      /** Sign-in suggestions of a local server; empty elsewhere. */
      demoAccounts: z.array(z.object({ email: z.string(), password: z.string(), about: z.string() })),
      content: z.object({ readyTracks: z.int(), totalTracks: z.int() }),
    }),
  }),

  status: desktopQuery({
    about: 'How this app runs: host, server, network, and notices the user should see.',
    input: Nothing,
    output: z.object({
      host: z.enum(['electron', 'headless', 'cli']),
      version: z.string(),
      isOnline: z.boolean(),
      serverAddress: z.string().nullable(),
      libraryFolder: z.string(),
      /** Things that went wrong before and were set right, in plain sentences. */
      notices: z.array(z.object({ code: z.string(), message: z.string() })),
      demoAccounts: z.array(z.object({ email: z.string(), password: z.string(), about: z.string() })),
      oauthProviders: z.array(z.enum(['google'])),
    }),
  }),
  checkServer: desktopCommand({
    about: 'Asks now whether the server can be reached.',
    input: Nothing,
    output: z.object({ isOnline: z.boolean() }),
  }),
  dismissNotice: desktopCommand({
    about: 'Takes a notice off the screen.',
    input: z.object({ code: z.string() }),
    output: Done,
  }),
  getSettings: desktopQuery({ about: 'The settings of this computer.', input: Nothing, output: Settings }),
  changeSettings: desktopCommand({
    about: 'Changes some settings; the others stay.',
    input: Settings.partial(),
    output: Settings,
  }),
  browseFolders: desktopQuery({
    about: 'The folders inside a folder, names only; without an id the places to start from.',
    input: z.object({ folderId: z.string().max(200).optional() }),
    output: z.object({
      current: Folder.nullable(),
      parent: Folder.nullable(),
      folders: z.array(Folder),
      canCreate: z.boolean(),
    }),
    errors: ['folder-missing', 'not-allowed'],
  }),
  createFolder: desktopCommand({
    about: 'Makes a folder inside a browsed one.',
    input: z.object({ parentId: z.string().max(200), name: z.string().min(1).max(100) }),
    output: Folder,
    errors: ['folder-missing', 'not-allowed', 'folder-not-writable'],
  }),
  chooseFolder: desktopCommand({
    about:
      'Opens the system dialog where there is one; null means the user closed it, or there is none and browseFolders is to be used.',
    input: Nothing,
    output: z.object({ folder: Folder.nullable(), hasDialog: z.boolean() }),
  }),
  setLibraryFolder: desktopCommand({
    about: 'Chooses the library folder for files to come; files that are there stay where they are.',
    input: z.object({ folderId: z.string().max(200) }),
    output: Done,
    errors: ['folder-missing', 'folder-not-writable'],
  }),
  openInBrowser: desktopCommand({
    about:
      'Opens an address of the server or of a payment provider in the browser, where the host can; else only answers it.',
    input: z.object({ address: z.url() }),
    output: z.object({ address: z.url(), wasOpened: z.boolean() }),
    errors: ['not-allowed'],
  }),
})
