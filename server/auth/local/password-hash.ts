import { type ScryptOptions, scrypt, timingSafeEqual } from 'node:crypto'
import { promisify } from 'node:util'
import type { Random } from '../../ports.ts'

const KEY_BYTES = 32
const LOG_N = 15
const BLOCK_SIZE = 8
const PARALLEL = 1
const derive = promisify<string, Buffer, number, ScryptOptions, Buffer>(scrypt)

/** A salted scrypt hash of a password, with its cost in it. Takes about 0.1 s on purpose. */
export async function hashPassword(password: string, random: Random): Promise<string> {
  const salt = random.bytes(16)
  const key = await keyOf(password, salt, { logN: LOG_N, r: BLOCK_SIZE, p: PARALLEL })
  return ['scrypt', LOG_N, BLOCK_SIZE, PARALLEL, salt.toString('base64url'), key.toString('base64url')].join('$')
}

/** Whether the password is right. Without a hash (no such account, or one without a password) it does the same work and says no. */
export async function isPasswordRight(password: string, hash: string | null): Promise<boolean> {
  const [scheme, logN, r, p, salt, key] = (hash ?? DECOY).split('$')
  if (scheme !== 'scrypt' || salt === undefined || key === undefined) return false
  const expected = Buffer.from(key, 'base64url')
  const cost = { logN: Number(logN), r: Number(r), p: Number(p) }
  const actual = await keyOf(password, Buffer.from(salt, 'base64url'), cost)
  return timingSafeEqual(actual, expected) && hash !== null
}

const DECOY = ['scrypt', LOG_N, BLOCK_SIZE, PARALLEL, 'A'.repeat(22), 'A'.repeat(43)].join('$')

function keyOf(
  password: string,
  salt: Buffer,
  { logN, r, p }: { logN: number; r: number; p: number },
): Promise<Buffer> {
  const N = 2 ** logN
  return derive(password.normalize('NFKC'), salt, KEY_BYTES, { N, r, p, maxmem: 256 * N * r })
}
