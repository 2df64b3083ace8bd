import { cp, mkdir } from 'node:fs/promises'
import path from 'node:path'
import { fileURLToPath } from 'node:url'
import { build, type InlineConfig } from 'vite'
import { nodeWorkers } from './workers.ts'

const at = (file: string): string => fileURLToPath(new URL(`../${file}`, import.meta.url))
const COMMON: InlineConfig = { configFile: false, logLevel: 'warn', root: at('.'), publicDir: false }
/** Loaded at run time: Electron's own module, and native modules that can not be bundled. */
const EXTERNAL = ['electron', 'keytar', '@napi-rs/keyring']
/** The icons that the running app shows; installers take theirs from `build/`. */
const ICONS = ['icon.png', 'tray.png', 'tray@2x.png', 'trayTemplate.png', 'trayTemplate@2x.png']

/** Bundles what Electron runs into `folder`: `main.mjs` with its workers, `preload.cjs`, `icons/`. Nothing else in the folder is touched. */
export async function buildShell(folder: string): Promise<void> {
  await build({
    ...COMMON,
    plugins: [nodeWorkers()],
    ssr: { noExternal: true, external: EXTERNAL },
    build: {
      ssr: at('main/hosts/electron/main.ts'),
      outDir: folder,
      emptyOutDir: false,
      target: 'node24',
      chunkSizeWarningLimit: 4000,
      rolldownOptions: {
        external: [...EXTERNAL, /^node:/],
        // Comments of libraries go; names stay, so that a stack says what it means.
        output: {
          format: 'es',
          entryFileNames: 'main.mjs',
          chunkFileNames: '[name].mjs',
          comments: false,
          minify: { compress: false, mangle: false, codegen: true },
        },
      },
    },
  })
  await build({
    ...COMMON,
    ssr: { noExternal: true, external: ['electron'] },
    build: {
      ssr: at('preload/index.ts'),
      outDir: folder,
      emptyOutDir: false,
      target: 'chrome140',
      rolldownOptions: { external: ['electron'], output: { format: 'cjs', entryFileNames: 'preload.cjs' } },
    },
  })
  await mkdir(path.join(folder, 'icons'), { recursive: true })
  for (const name of ICONS) await cp(at(`build/icons/${name}`), path.join(folder, 'icons', name))
}

/** Bundles the page into `folder`, which it empties. */
export async function buildRenderer(folder: string): Promise<void> {
  await build({ configFile: at('build/renderer.vite.ts'), logLevel: 'warn', build: { outDir: folder } })
}
