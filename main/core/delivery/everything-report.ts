import type { Everything } from '../../../contract/delivery.ts'

/** The report of a finished batch in words: a title and a sentence or two. */
export function describeReport({ total, done, wereHere, failed }: Everything): { title: string; body: string } {
  const here = wereHere === 0 ? '' : ` ${tracks(wereHere)} ${wereHere === 1 ? 'was' : 'were'} here before.`
  if (total === 0) return { title: 'Everything is here', body: `There was nothing to download.${here}` }
  if (failed.length === 0)
    return { title: 'Everything is here', body: `${tracks(done)} downloaded and verified.${here}` }
  const [first] = failed
  const others = failed.length === 1 ? '' : ` and ${failed.length - 1} more`
  return {
    title: `${tracks(total - done)} could not be downloaded`,
    body: `${done} of ${tracks(total)} downloaded and verified.${here} Missing: ${first?.title ?? ''}${others}. ${first?.message ?? ''}.`,
  }
}

function tracks(count: number): string {
  return count === 1 ? '1 track' : `${count} tracks`
}
