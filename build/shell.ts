/** Builds the shell alone, without the page: `node build/shell.ts <folder>`. */
import { buildShell } from './bundles.ts'

const [, , folder] = process.argv
if (folder === undefined) throw new Error('Usage: node build/shell.ts <folder>')
await buildShell(folder)
