import type { SandboxOrder } from '../../adapters/sandbox/order-file.ts'

const escapeHtml = (text: string): string => text.replace(/[&<>"']/g, (sign) => `&#${sign.charCodeAt(0)};`)

const STYLE = `
:root { color-scheme: light dark; --paper: light-dark(#f2f5f4, #0b0f0e); --card: light-dark(#fff, #121817); --text: light-dark(#10201b, #e8f0ed); --muted: light-dark(#52635d, #9db0aa); --line: light-dark(#d3dbd8, #2a3532); --edge: light-dark(#6f817b, #5f736c); --mint: light-dark(#0c6f4b, #3ddc97); --on-mint: light-dark(#fff, #0b0f0e); --amber: light-dark(#7a5200, #f2b84b) }
* { box-sizing: border-box }
body { margin: 0; min-height: 100vh; display: grid; place-items: center; padding: 24px; background: var(--paper); color: var(--text); font: 15px/1.5 Inter, system-ui, sans-serif }
main { width: min(100%, 26rem); background: var(--card); border: 1px solid var(--line); border-radius: 10px; padding: 24px }
.note { display: inline-block; margin: 0 0 16px; padding: 4px 8px; border: 1px solid var(--amber); border-radius: 6px; color: var(--amber); font-size: 12px; font-weight: 500 }
h1 { margin: 0; font-size: 32px; line-height: 1.2; font-weight: 600; font-variant-numeric: tabular-nums } .for { margin: 4px 0 24px; color: var(--muted); overflow-wrap: anywhere }
button { width: 100%; min-height: 44px; padding: 8px 16px; border-radius: 6px; font: inherit; font-weight: 500; cursor: pointer; border: 1px solid var(--edge); background: transparent; color: var(--text) }
button.primary { background: var(--mint); border-color: var(--mint); color: var(--on-mint) } button:focus-visible, a:focus-visible, summary:focus-visible { outline: 2px solid var(--mint); outline-offset: 2px }
form { display: grid; gap: 8px } details { margin-top: 16px; border-top: 1px solid var(--line); padding-top: 16px } summary { cursor: pointer; color: var(--muted) } details form { margin-top: 12px } small { color: var(--muted); display: block; font-weight: 400 }
a { color: var(--mint) }`

const CHOICES: readonly (readonly [outcome: string, label: string, about: string])[] = [
  ['fail', 'Decline', 'The bank says no.'],
  ['cancel', 'Cancel', 'You change your mind.'],
  ['late', 'Pay, but late', 'The money arrives some seconds after you are back.'],
  ['duplicate', 'Pay, told several times', 'The same news is delivered again and again.'],
]

const SAID = {
  captured: 'This payment has been made.',
  failed: 'This payment was declined.',
  cancelled: 'This payment was cancelled.',
  refunded: 'This payment was given back.',
} as const

function price({ minor, currency }: SandboxOrder['amount']): string {
  return new Intl.NumberFormat('en-IN', { style: 'currency', currency }).format(minor / 100)
}

function body(order: SandboxOrder): string {
  if (order.status !== 'pending') return `<p>${SAID[order.status]} You can close this page.</p>`
  if (order.capturesAt !== null)
    return '<p>The payment is on its way and arrives in a few seconds. You can close this page.</p>'
  const buttons = CHOICES.map(
    ([outcome, label, about]) => `<button name="outcome" value="${outcome}">${label}<small>${about}</small></button>`,
  ).join('')
  return `<form method="post"><button class="primary" name="outcome" value="succeed" autofocus>Pay ${price(order.amount)}</button></form>
<details><summary>Try another outcome</summary><form method="post">${buttons}</form></details>`
}

/** The sandbox vendor's pay page. */
export const sandboxPage = {
  /** The form may post here, and its answer may lead only to where the order returns to. */
  headers(returnAddress: string): Record<string, string> {
    const source = returnAddress.startsWith('mixmint:') ? 'mixmint:' : new URL(returnAddress).origin
    return {
      'content-type': 'text/html; charset=utf-8',
      'cache-control': 'no-store',
      'content-security-policy': `default-src 'none'; style-src 'unsafe-inline'; form-action 'self' ${source}; base-uri 'none'; frame-ancestors 'none'`,
    }
  },
  render(order: SandboxOrder): string {
    return `<!doctype html><html lang="en"><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1"><title>Sandbox payment</title><style>${STYLE}</style>
<main><p class="note">Sandbox: no real money moves</p><h1>${price(order.amount)}</h1><p class="for">${escapeHtml(order.description)}</p>${body(order)}</main></html>`
  },
}
