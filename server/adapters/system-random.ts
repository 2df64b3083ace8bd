import { randomBytes, randomUUID } from 'node:crypto'
import type { Random } from '../ports.ts'

/** The operating system's randomness. */
export const systemRandom: Random = { bytes: (length) => randomBytes(length), uuid: () => randomUUID() }
