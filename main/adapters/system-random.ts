import { randomBytes, randomUUID } from 'node:crypto'
import type { Random } from '../core/ports.ts'

/** The system's cryptographic generator. */
export const systemRandom: Random = { bytes: (length) => randomBytes(length), uuid: () => randomUUID() }
