import { generateKeyPairSync, type KeyObject, sign } from 'node:crypto'

/** A certificate and its key, as PEM. */
export interface TestCertificate {
  readonly certificate: string
  readonly key: string
}

interface CertificateFacts {
  readonly name: string
  /** Host names and IPv4 addresses that it is good for. */
  readonly hosts?: readonly string[]
  readonly from?: Date
  readonly until?: Date
  /** Who signs; left out: itself, as an authority. */
  readonly by?: TestAuthority
}

export interface TestAuthority extends TestCertificate {
  readonly name: string
  readonly privateKey: KeyObject
}

const YEAR_MS = 365 * 86_400_000
const EC_KEY_WITH_SHA256 = '1.2.840.10045.4.3.2'

/** Makes an X.509 certificate (RFC 5280) as a test needs it, the wrong ones too. */
export function makeCertificate({ name, hosts = [], from, until, by }: CertificateFacts): TestAuthority {
  const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' })
  const algorithm = sequence(objectId(EC_KEY_WITH_SHA256))
  const now = Date.now()
  const body = sequence(
    tagged(0xa0, integer(2)),
    integer(Math.floor(Math.random() * 2 ** 30) + 1),
    algorithm,
    commonName(by?.name ?? name),
    sequence(time(from ?? new Date(now - YEAR_MS)), time(until ?? new Date(now + YEAR_MS))),
    commonName(name),
    publicKey.export({ type: 'spki', format: 'der' }),
    tagged(0xa3, sequence(by === undefined ? isAuthority() : goodFor(hosts))),
  )
  const signature = sign('sha256', body, by?.privateKey ?? privateKey)
  const whole = sequence(body, algorithm, tagged(0x03, Buffer.concat([Buffer.from([0]), signature])))
  const lines = whole.toString('base64').replace(/(.{64})(?!$)/g, '$1\n')
  return {
    name,
    privateKey,
    certificate: `-----BEGIN CERTIFICATE-----\n${lines}\n-----END CERTIFICATE-----\n`,
    key: String(privateKey.export({ type: 'pkcs8', format: 'pem' })),
  }
}

/** One value in the Distinguished Encoding Rules (X.690). */
function tagged(tag: number, ...parts: readonly Buffer[]): Buffer {
  const content = Buffer.concat(parts)
  const { length } = content
  if (length < 0x80) return Buffer.concat([Buffer.from([tag, length]), content])
  const size = length < 0x100 ? [0x81, length] : [0x82, length >> 8, length & 0xff]
  return Buffer.concat([Buffer.from([tag, ...size]), content])
}

function sequence(...parts: readonly Buffer[]): Buffer {
  return tagged(0x30, ...parts)
}

function integer(value: number): Buffer {
  const hex = value.toString(16)
  const bytes = Buffer.from(hex.length % 2 === 0 ? hex : `0${hex}`, 'hex')
  return tagged(0x02, (bytes[0] ?? 0) > 0x7f ? Buffer.concat([Buffer.from([0]), bytes]) : bytes)
}

function objectId(dotted: string): Buffer {
  const [first = 0, second = 0, ...others] = dotted.split('.').map(Number)
  const bytes = others.flatMap((part) => {
    const groups = [part & 0x7f]
    for (let rest = part >> 7; rest > 0; rest >>= 7) groups.unshift((rest & 0x7f) | 0x80)
    return groups
  })
  return tagged(0x06, Buffer.from([first * 40 + second, ...bytes]))
}

function commonName(name: string): Buffer {
  return sequence(tagged(0x31, sequence(objectId('2.5.4.3'), tagged(0x0c, Buffer.from(name)))))
}

function time(at: Date): Buffer {
  return tagged(0x18, Buffer.from(`${at.toISOString().replace(/[-:T]/g, '').slice(0, 14)}Z`))
}

function isAuthority(): Buffer {
  const value = sequence(tagged(0x01, Buffer.from([0xff])))
  return sequence(objectId('2.5.29.19'), tagged(0x01, Buffer.from([0xff])), tagged(0x04, value))
}

function goodFor(hosts: readonly string[]): Buffer {
  const names = hosts.map((host) =>
    /^[\d.]+$/.test(host) ? tagged(0x87, Buffer.from(host.split('.').map(Number))) : tagged(0x82, Buffer.from(host)),
  )
  return sequence(objectId('2.5.29.17'), tagged(0x04, sequence(...names)))
}
