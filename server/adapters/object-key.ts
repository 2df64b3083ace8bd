const OBJECT_KEY = /^objects\/([0-9a-f]{64})$/

/** The one form of an object's key: its content address. `sha256` is lower-case hex. */
export function objectKey(sha256: string): string {
  return `objects/${sha256}`
}

/** The SHA-256 (hex) a key names; throws for anything that is no object key, so that no other path can be asked for. */
export function sha256OfKey(key: string): string {
  const [, sha256] = OBJECT_KEY.exec(key) ?? []
  if (sha256 === undefined) throw new Error('Not an object key')
  return sha256
}
