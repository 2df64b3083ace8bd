interface TrustedTypes {
  createPolicy(name: string, rules: { createHTML(html: string): string }): unknown
}

/** The only markup that libraries may write from a string: what Radix uses to hide scroll bars, and the empty string. */
const ALLOWED: ReadonlySet<string> = new Set([
  '',
  '[data-radix-scroll-area-viewport]{scrollbar-width:none;-ms-overflow-style:none;-webkit-overflow-scrolling:touch;}[data-radix-scroll-area-viewport]::-webkit-scrollbar{display:none}',
])

const types = (globalThis as { trustedTypes?: TrustedTypes }).trustedTypes
types?.createPolicy('default', {
  createHTML(html) {
    if (ALLOWED.has(html)) return html
    throw new TypeError('Refused to parse HTML from a string')
  },
})
