import path from 'node:path'
import { AppError } from '../../../contract/errors.ts'
import { type Disk, onDisk, syncFolder } from './disk.ts'
import { freeName, nameKey } from './file-names.ts'
import { giveName } from './give-name.ts'

/** Names that may be taken between looking and linking before something must be wrong. */
const MOST_TRIES = 50

/** A file on its way into a folder. */
export interface StagedFile {
  /** A complete file, synced, on any volume that can link to or be renamed into the folder. */
  readonly staged: string
  readonly name: string
  /** Taken instead of `name` while it is free: the name that the same file had before. */
  readonly formerName?: string | undefined
  /** The name of a file in the folder whose place it takes, whatever its own would be. */
  readonly over?: string | undefined
}

/** A file with the name that it gets, or has now. */
export interface NamedFile<File extends StagedFile> {
  readonly file: File
  readonly fileName: string
}

interface Witness<File extends StagedFile> {
  /** Hears of names before they are taken, so that a crash in between can be told from foreign files. A file may be announced again with another name. */
  announce(files: readonly NamedFile<File>[]): void
  /** Hears of each file that has its name, for good; of these too when others fail. */
  published(file: NamedFile<File>): void
}

/**
 * Gives staged files their final names; the staged ones are gone afterwards. Replaces nothing but what a file goes `over`: a taken name, in
 * any case or composition, be it by another of these files, gives a numbered one. Throws `folder-missing`, `folder-not-writable`,
 * `disk-full`, `disk-error`.
 */
export async function publishFiles<File extends StagedFile>(
  disk: Disk,
  folder: string,
  files: readonly File[],
  witness: Witness<File>,
): Promise<void> {
  let waiting = files
  for (let tries = 0; waiting.length > 0; tries++) {
    if (tries === MOST_TRIES) throw new AppError('disk-error', 'No name was free for the file')
    const named = await chooseNames(disk, folder, waiting)
    witness.announce(named)
    waiting = await takeNames(disk, folder, named, witness)
  }
}

async function chooseNames<File extends StagedFile>(
  disk: Disk,
  folder: string,
  files: readonly File[],
): Promise<NamedFile<File>[]> {
  const taken = new Set((await onDisk(() => disk.readdir(folder))).map(nameKey))
  return files.map((file) => {
    const { name, formerName = name, over } = file
    const fileName = over ?? (taken.has(nameKey(formerName)) ? freeName(name, taken) : formerName)
    taken.add(nameKey(fileName))
    return { file, fileName }
  })
}

/** Answers the files whose names were taken meanwhile. */
async function takeNames<File extends StagedFile>(
  disk: Disk,
  folder: string,
  named: readonly NamedFile<File>[],
  { published }: Witness<File>,
): Promise<File[]> {
  const given: NamedFile<File>[] = []
  const refused: File[] = []
  try {
    for (const one of named)
      if (await onDisk(() => takeName(disk, one.file, path.join(folder, one.fileName)))) given.push(one)
      else refused.push(one.file)
  } finally {
    if (given.length > 0) await onDisk(() => syncFolder(disk, folder))
    given.forEach(published)
  }
  return refused
}

async function takeName(disk: Disk, { staged, over }: StagedFile, target: string): Promise<boolean> {
  if (over === undefined) return await giveName(disk, staged, target)
  await disk.rename(staged, target)
  return true
}
