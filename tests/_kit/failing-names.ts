import dns, { type LookupOptions } from 'node:dns'
import { syncBuiltinESMExports } from 'node:module'

type Found = (error: NodeJS.ErrnoException | null, address?: unknown, family?: number) => void

/** Makes looking up one host name fail with `code` until it is answered; every other name is looked up as ever. */
export function refuseNames(host: string, code: 'ENOTFOUND' | 'EAI_AGAIN') {
  const original = dns.lookup
  let address: string | null = null
  const lookup = (name: string, options: LookupOptions | Found, callback?: Found) => {
    const found = typeof options === 'function' ? options : callback
    if (name !== host || found === undefined)
      return (original as (...given: unknown[]) => void)(name, options, callback)
    process.nextTick(() => {
      if (address === null)
        return found(Object.assign(new Error(`getaddrinfo ${code} ${host}`), { code, syscall: 'getaddrinfo' }))
      if (typeof options === 'object' && options.all === true) return found(null, [{ address, family: 4 }])
      return found(null, address, 4)
    })
  }
  dns.lookup = lookup as typeof dns.lookup
  syncBuiltinESMExports()
  return {
    answer(by: string) {
      address = by
    },
    restore() {
      dns.lookup = original
      syncBuiltinESMExports()
    },
  }
}
