import { delivery, type Everything } from '../../../../contract/delivery.ts'
import type { Cli, Outcome } from '../command.ts'
import { EXIT } from '../exit-code.ts'
import { whyStuck } from '../follow.ts'
import { plain, size } from '../format.ts'

const POLL_MS = 500
/** A look at the whole queue, which may be long, is taken at each so-many-th poll. */
const POLLS_A_LOOK = 10

/** What would be fetched, and whether it fits. */
export async function planAll({ call }: Cli): Promise<Outcome> {
  const plan = await call(delivery.planEverything, {})
  const { downloads, bytes, areHere, freeBytes, missingBytes } = plan
  const fits = missingBytes === 0 ? 'It fits.' : `It does not fit: ${size(missingBytes)} are missing.`
  const text =
    downloads === 0
      ? `Everything is here: ${tracks(areHere)}.`
      : `${downloads} to download, ${size(bytes)}; ${tracks(areHere)} here already. ${size(freeBytes)} free. ${fits}`
  return { value: plan, text, ...(missingBytes === 0 ? {} : { failure: { exitCode: EXIT.refused } }) }
}

/** Fetches everything that the account owns and stays until its report is there, or until nothing goes on without a person. */
export async function downloadAll(cli: Cli): Promise<Outcome> {
  const { call, note, sleep } = cli
  let everything = await call(delivery.downloadEverything, {})
  note(`${tracks(everything.total)} to download, ${tracks(everything.wereHere)} here already.`)
  let said = ''
  for (let poll = 1; everything.finishedAt === null; poll++) {
    await sleep(POLL_MS)
    everything = (await call(delivery.everything, {})).everything ?? everything
    const text = progress(everything)
    if (text !== said) note(text)
    said = text
    const stuck = poll % POLLS_A_LOOK === 0 && everything.finishedAt === null ? await lookWhyStuck(cli) : null
    if (stuck !== null)
      return { value: everything, text: `${report(everything)}\n${stuck}`, failure: { exitCode: EXIT.waiting } }
  }
  const isComplete = everything.failed.length === 0
  return {
    value: everything,
    text: report(everything),
    ...(isComplete ? {} : { failure: { exitCode: EXIT.refused } }),
  }
}

async function lookWhyStuck({ call }: Cli): Promise<string | null> {
  const list = await call(delivery.list, {})
  return whyStuck(list, list.downloads)
}

/** One line, which changes with each percent and each file. */
function progress({ done, total, failed, receivedBytes, totalBytes }: Everything): string {
  const percent = totalBytes === 0 ? 100 : Math.floor((100 * Math.min(receivedBytes, totalBytes)) / totalBytes)
  const broken = failed.length === 0 ? '' : `, ${failed.length} failed`
  return `${percent} %: ${done} of ${tracks(total)}${broken}, ${size(totalBytes)} in all`
}

function report({ done, total, wereHere, failed, finishedAt }: Everything): string {
  const sum = `${done} of ${tracks(total)} downloaded and verified, ${wereHere} were here before${finishedAt === null ? '; not finished' : ''}.`
  return [sum, ...failed.map(({ title, message, code }) => `  ${plain(title)}: ${plain(message)} (${code})`)].join('\n')
}

function tracks(count: number): string {
  return count === 1 ? '1 track' : `${count} tracks`
}
