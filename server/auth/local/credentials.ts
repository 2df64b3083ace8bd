import { z } from 'zod'
import { Email } from '../../../contract/values.ts'
import { SignInError } from './sign-in-error.ts'

const SHORTEST_PASSWORD = 8
const LONGEST_PASSWORD = 200

/** An address in the one form in which it is stored and counted. */
export const EmailInput = z.string().trim().toLowerCase().pipe(Email)
/** A password to sign in with; longer ones are refused before they cost anything. */
export const PasswordInput = z.string().max(LONGEST_PASSWORD)
/** What a client stores with its account. */
export const MetadataInput = z
  .record(z.string().max(100), z.json())
  .refine((data) => JSON.stringify(data).length <= 8192)
/** The PKCE challenge (RFC 7636 §4.2); only S256 is offered. */
export const ChallengeInput = z.string().regex(/^[A-Za-z0-9_-]{43}$/)
export const ChallengeMethodInput = z.string().toLowerCase().pipe(z.literal('s256'))

/** Throws `weak_password` for one that nobody may choose. */
export function assertChoosable(password: string): void {
  if (password.length >= SHORTEST_PASSWORD) return
  throw new SignInError('weak_password', `Password should be at least ${SHORTEST_PASSWORD} characters.`)
}

/** The checked input. Throws `validation_failed` naming the first field that is wrong. */
export function readFields<T extends z.ZodType>(schema: T, input: unknown): z.output<T> {
  const parsed = schema.safeParse(input ?? {})
  if (parsed.success) return parsed.data
  const [issue] = parsed.error.issues
  throw new SignInError(
    'validation_failed',
    `${issue?.path.join('.') || 'The input'}: ${issue?.message ?? 'not valid'}`,
  )
}
