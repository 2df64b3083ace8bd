import type { FileFormat } from '../catalogue/public.ts'
import { isOpen } from './rules.ts'

interface FormatFacts {
  readonly id: string
  readonly format: FileFormat
  readonly state: Parameters<typeof isOpen>[0]['state']
}

/** Which format a call of init is about: the one it asks for, else that of the attempt it names, else that of the open one; null: the master. */
export function formatOfCall(
  attempts: readonly FormatFacts[],
  { format, attemptId }: { readonly format: FileFormat | undefined; readonly attemptId: string | undefined },
): FileFormat | null {
  if (format !== undefined) return format
  return (attempts.find(({ id }) => id === attemptId) ?? attempts.find(isOpen))?.format ?? null
}

/**
 * How many of a content's attempts are used up. One of them is the content once in each of its formats, so another format of what was
 * charged already costs nothing: the format that was asked for most often says how many.
 */
export function attemptsUsed(byFormat: ReadonlyMap<FileFormat, number>): number {
  return Math.max(0, ...byFormat.values())
}

/** The count with one more attempt of a format. */
export function withOneMore(
  byFormat: ReadonlyMap<FileFormat, number>,
  format: FileFormat,
): ReadonlyMap<FileFormat, number> {
  return new Map([...byFormat, [format, (byFormat.get(format) ?? 0) + 1]])
}
