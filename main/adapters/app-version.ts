import { readFileSync } from 'node:fs'
import path from 'node:path'
import { z } from 'zod'

/** The version that `package.json` of the project names. */
export function appVersion(projectFolder: string): string {
  const { version } = z
    .object({ version: z.string() })
    .parse(JSON.parse(readFileSync(path.join(projectFolder, 'package.json'), 'utf8')))
  return version
}
