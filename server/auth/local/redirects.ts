import { SignInError } from './sign-in-error.ts'

const ALLOWED = [/^mixmint:\/\/auth\/callback$/, /^http:\/\/127\.0\.0\.1:\d{1,5}\/return\/auth$/]

/** Where a browser may be sent with a sign-in code: the app itself, or the host on this computer. Throws `validation_failed` for anywhere else. */
export function allowedRedirect(address: string | undefined): string {
  if (address !== undefined && ALLOWED.some((pattern) => pattern.test(address))) return address
  throw new SignInError('validation_failed', 'That address to return to is not allowed.')
}

/** The address with what the client shall read from it. */
export function withParameters(address: string, parameters: Readonly<Record<string, string>>): string {
  const url = new URL(address)
  for (const [name, value] of Object.entries(parameters)) url.searchParams.set(name, value)
  return url.href
}
