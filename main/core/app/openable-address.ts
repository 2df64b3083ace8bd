/** Hosts of payment and sign-in pages that may be opened beside the server itself; a leading dot stands for any subdomain. */
const KNOWN_HOSTS = [
  'checkout.stripe.com',
  'api.razorpay.com',
  'rzp.io',
  'accounts.google.com',
  'www.paypal.com',
  '.supabase.co',
]

/** Whether an address may be opened in the browser: the server's own origins, or `https` pages of known providers. */
export function isOpenable(address: string, ownOrigins: readonly string[]): boolean {
  if (!URL.canParse(address)) return false
  const { protocol, origin, hostname, username, password, port } = new URL(address)
  if (username !== '' || password !== '') return false
  if (protocol !== 'https:' && protocol !== 'http:') return false
  if (ownOrigins.includes(origin)) return true
  if (protocol !== 'https:' || port !== '') return false
  return KNOWN_HOSTS.some((known) => (known.startsWith('.') ? hostname.endsWith(known) : hostname === known))
}
