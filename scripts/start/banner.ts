import { hostname, userInfo } from 'node:os'

export interface DemoAccount {
  readonly email: string
  readonly password: string
  readonly about: string
}

/** What `npm start` prints once MixMint can be used. The link carries a secret: it goes to the terminal and nowhere else. */
export function banner({
  link,
  port,
  accounts,
  hasDisplay,
}: {
  link: string
  port: number
  accounts: readonly DemoAccount[]
  hasDisplay: boolean
}): string {
  const width = Math.max(0, ...accounts.map(({ email }) => email.length))
  const people = accounts.map(({ email, password, about }) => `    ${email.padEnd(width)}  ${password}  ${about}`)
  const buyer = accounts[0]
  const lines = [
    '',
    '  MixMint runs on this computer. Demo content is made in the background; the store works meanwhile.',
    ...(people.length === 0
      ? []
      : ['', '  Sign in as one of the demo people, or make an account of your own:', ...people]),
    '',
    '  Ctrl+C ends it.',
    '',
  ]
  if (!hasDisplay)
    lines.push(
      '  There is no display here. From your own computer, forward the port and open the link below there:',
      `    ssh -L ${port}:127.0.0.1:${port} ${userInfo().username}@${hostname()}`,
      '  Or do the main job from this terminal:',
      `    echo '${buyer?.password ?? '<password>'}' | npm run --silent cli -- login ${buyer?.email ?? '<mail>'} --password-stdin`,
      '    npm run --silent cli -- search night',
      '    npm run --silent cli -- buy <track> --pay succeed --wait && npm run --silent cli -- download <track> --wait',
      '',
    )
  lines.push(`MixMint is ready: ${link}`)
  return `${lines.join('\n')}\n`
}
