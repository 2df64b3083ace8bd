import { networkInterfaces } from 'node:os'

/** The addresses of this computer on its networks, in no particular order; those by which it speaks to itself left out. */
export function networkAddresses(): string[] {
  return Object.values(networkInterfaces())
    .flatMap((addresses) => addresses ?? [])
    .filter(({ internal, address }) => !internal && !/^fe80:/i.test(address))
    .map(({ address }) => address)
}
