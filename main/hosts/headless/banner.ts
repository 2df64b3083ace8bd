export interface BannerFacts {
  readonly address: string
  readonly link: string
  readonly demoAccounts: readonly { readonly email: string; readonly password: string; readonly about: string }[]
  /** A browser was opened on this computer. */
  readonly wasOpened: boolean
}

/** What the terminal shows once the app can be used; its last part can be read by people and scripts alike. */
export function banner({ address, link, demoAccounts, wasOpened }: BannerFacts): string {
  const { port } = new URL(address)
  const accounts = demoAccounts.map(({ email, password, about }) => `    ${email}  ${password}  ${about}`)
  const lines = [
    '',
    wasOpened ? '  MixMint is open in your browser. To open it again:' : '  Open MixMint in a browser:',
    '',
    `    ${link}`,
    '',
    ...(accounts.length === 0 ? [] : ['  Demo accounts (e-mail, password):', ...accounts, '']),
    `MixMint is ready: ${address}`,
    `  From another computer: ssh -L ${port}:127.0.0.1:${port} <this computer>, then open the link above there.`,
    '  Or without a browser:',
    '    npm run -s cli -- login <e-mail> --password-stdin',
    '    npm run -s cli -- search house',
    '    npm run -s cli -- buy <track> --wait && npm run -s cli -- download <track> --wait',
    '',
  ]
  return lines.join('\n')
}
