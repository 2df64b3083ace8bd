import { once } from 'node:events'
import { text } from 'node:stream/consumers'
import { UsageError } from './command.ts'

/** A password: all of standard input without its last line end, or a line typed at a terminal and not shown. Throws `UsageError` without either. */
export async function readSecret(prompt: string, fromStdin: boolean): Promise<string> {
  if (fromStdin) return (await text(process.stdin)).replace(/\r?\n$/, '')
  if (!process.stdin.isTTY) throw new UsageError('There is no terminal to ask for the password: use --password-stdin')
  process.stderr.write(prompt)
  process.stdin.setRawMode(true)
  try {
    return await typedLine()
  } finally {
    process.stdin.setRawMode(false)
    process.stdin.pause()
    process.stderr.write('\n')
  }
}

async function typedLine(): Promise<string> {
  let line = ''
  process.stdin.setEncoding('utf8')
  for (;;) {
    const [typed] = (await once(process.stdin, 'data')) as [string]
    for (const key of typed) {
      if (key === '\r' || key === '\n') return line
      if (key === '\u0003') throw new UsageError('Given up')
      line = key === '\u007f' || key === '\b' ? line.slice(0, -1) : line + key
    }
  }
}
