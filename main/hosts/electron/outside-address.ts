/**
 * Whether the browser may be asked to open an address, whoever asks: `https`, or the server itself when it runs on this computer. Which
 * hosts are known is the core's decision; this is the last lock before the system, which would start programs for other schemes.
 */
export function mayOpenOutside(address: string, serverAddress: string | null): boolean {
  if (address.length > 4000 || !URL.canParse(address)) return false
  const { protocol, origin, username, password } = new URL(address)
  if (username !== '' || password !== '') return false
  if (protocol === 'https:') return true
  if (protocol !== 'http:' || serverAddress === null) return false
  const isHere = ['127.0.0.1', 'localhost', '[::1]'].includes(new URL(serverAddress).hostname)
  return isHere && origin === new URL(serverAddress).origin
}
