/** `npm run desktop:headless`: the desktop app in a browser; it finds the server that runs, or starts one. */
import { buildRenderer } from './start/build-renderer.ts'

await buildRenderer()
await import('../main/hosts/headless/main.ts')
