/** Where the app's own document is served, inside the package. */
export const APP_HOST = 'mixmint'
export const APP_ORIGIN = `app://${APP_HOST}`
/** Where the first start asks for the server. */
export const SETUP_HOST = 'setup'
/** Sounds and pictures: `media://mixmint/<id>`. */
export const MEDIA_SOURCE = 'media:'

/**
 * The host of an `app:` address, null for every other address. Scheme, host and port are compared as parsed, so that no spelling of another
 * place (`app://mixmint@elsewhere`, `app://mixmint.elsewhere`) passes.
 */
export function appHostOf(address: string): string | null {
  if (!URL.canParse(address)) return null
  const { protocol, host, username, password } = new URL(address)
  return protocol === 'app:' && host !== '' && username === '' && password === '' ? host : null
}

/** Whether an address belongs to the app's own document. */
export function isAppAddress(address: string): boolean {
  return appHostOf(address) === APP_HOST
}
