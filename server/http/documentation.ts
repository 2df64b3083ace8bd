import type { FastifyInstance } from 'fastify'
import { ERRORS } from '../../contract/errors.ts'
import { callsByName } from '../../contract/index.ts'
import type { ServerServices } from '../services.ts'
import { VERSION } from '../version.ts'
import { openapiDocument } from './openapi.ts'

const escapeHtml = (text: string): string => text.replace(/[&<>"]/g, (sign) => `&#${sign.charCodeAt(0)};`)

const STYLE = `
:root { color-scheme: dark light; --ink: light-dark(#fbfcfb, #0b0f0e); --text: light-dark(#10201b, #e8f0ed); --muted: light-dark(#52635d, #9db0aa); --line: light-dark(#d3dbd8, #2a3532); --mint: light-dark(#0c6f4b, #3ddc97) }
body { margin: 0 auto; max-width: 60rem; padding: 2rem 1.5rem 6rem; background: var(--ink); color: var(--text); font: 15px/1.6 Inter, system-ui, sans-serif }
h1 { font-size: 32px; line-height: 1.2 } h2 { margin-top: 3rem; text-transform: capitalize; border-bottom: 1px solid var(--line) } a { color: var(--mint) }
article { padding: 1rem 0; border-bottom: 1px solid var(--line) } h3 { margin: 0; font: 600 14px/1.5 ui-monospace, monospace } h3 b { color: var(--mint) } p { margin: .25rem 0 }
.muted { color: var(--muted); font-size: 13px } table { border-collapse: collapse; font-size: 13px } td, th { text-align: left; padding: .25rem 1rem .25rem 0; border-bottom: 1px solid var(--line); font-variant-numeric: tabular-nums }`

/** `GET /api/openapi.json`, and `/api/docs` for people: a page without scripts. */
export function documentationRoutes(app: FastifyInstance, { config }: Pick<ServerServices, 'config'>): void {
  app.get('/api/openapi.json', async () => openapiDocument({ version: VERSION, origin: config.publicOrigin }))
  app.get('/api/docs', async (_request, reply) =>
    reply
      .header('content-type', 'text/html; charset=utf-8')
      .header(
        'content-security-policy',
        "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
      )
      .send(page()),
  )
}

function page(): string {
  const calls = [...callsByName.values()].filter(({ runs }) => runs === 'server')
  const domains = Map.groupBy(calls, ({ name }) => name.split('.')[0] ?? '')
  const sections = [...domains].map(
    ([name, group]) =>
      `<h2 id="${escapeHtml(name)}">${escapeHtml(name)}</h2>${group
        .map(
          (call) =>
            `<article id="${escapeHtml(call.name)}"><h3><b>${call.kind === 'query' ? 'GET' : 'POST'}</b> ${escapeHtml(call.path)}</h3><p>${escapeHtml(call.about)}</p><p class="muted">Proof: ${call.proof}.${call.isIdempotent ? ' Needs an Idempotency-Key.' : ''}${call.errors.length === 0 ? '' : ` Answers: ${call.errors.map((code) => `<code>${code}</code>`).join(', ')}.`}</p></article>`,
        )
        .join('')}`,
  )
  const errors = Object.entries(ERRORS)
    .filter(([, { status }]) => status !== 0)
    .map(
      ([code, { status, title, retry }]) =>
        `<tr><td><code>${code}</code></td><td>${status}</td><td>${escapeHtml(title)}</td><td>${retry}</td></tr>`,
    )
    .join('')
  return `<!doctype html><html lang="en"><meta charset="utf-8"><meta name="viewport" content="width=device-width"><title>MixMint token API</title><style>${STYLE}</style>
<h1>MixMint token API</h1><p class="muted">Version ${VERSION}. The same as <a href="/api/openapi.json">OpenAPI 3.1</a>. Queries take their input as JSON in the parameter <code>input</code>; commands take a JSON body. Errors are <code>application/problem+json</code>.</p>
${sections.join('\n')}<h2 id="errors">Errors</h2><table><tr><th>Code</th><th>Status</th><th>Title</th><th>Retry</th></tr>${errors}</table></html>`
}
