import { mkdir, rename, writeFile } from 'node:fs/promises'
import path from 'node:path'
import type { Clock, Mailer, Random } from '../ports.ts'

/** Writes each mail as a file into a folder, which stands in for a mail service in local mode. Files are private to the user (0600). */
export function createOutboxMailer(folder: string, { clock, random }: { clock: Clock; random: Random }): Mailer {
  return {
    async send({ to, subject, text }) {
      await mkdir(folder, { recursive: true, mode: 0o700 })
      const date = new Date(clock.now())
      const name = `${date.toISOString().replaceAll(/[:.]/g, '-')}-${random.uuid().slice(0, 8)}.eml`
      const body = `To: ${oneLine(to)}\nFrom: MixMint <no-reply@mixmint.example>\nSubject: ${oneLine(subject)}\nDate: ${date.toUTCString()}\nContent-Type: text/plain; charset=utf-8\n\n${text}\n`
      const half = path.join(folder, `.${name}.tmp`)
      await writeFile(half, body, { mode: 0o600, flag: 'wx' })
      await rename(half, path.join(folder, name))
    },
  }
}

/** A header holds one line: whoever signs up chooses what stands in it. */
function oneLine(text: string): string {
  return text.replaceAll(/[\r\n]+/g, ' ')
}
