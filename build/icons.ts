/** Draws every icon again, after a change of the mark: `node build/icons.ts`. */
import { writeFile } from 'node:fs/promises'
import { drawIcons } from './icons/draw-icons.ts'

for (const [file, bytes] of drawIcons()) await writeFile(new URL(file, import.meta.url), bytes)
