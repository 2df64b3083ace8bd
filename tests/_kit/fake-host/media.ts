import { createHash } from 'node:crypto'
import { mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { fileURLToPath } from 'node:url'
import { renderCover, renderPortrait } from '../../../server/seed/cover.ts'
import { encodeWav } from '../../../server/seed/encode-wav.ts'
import { diceFrom } from '../../../server/seed/random.ts'

type Kind = 'cover' | 'portrait' | 'preview' | 'peaks'
interface Recipe {
  readonly kind: Kind
  readonly recipe: unknown
}

const recipes = new Map<string, Recipe>()
const made = new Map<string, { type: string; bytes: Buffer }>()
const KEPT_IN = fileURLToPath(new URL('../../../.tmp/fake-host-media', import.meta.url))
const PREVIEW_SECONDS = 8
const RATE = 8000
const PAIRS = 1800

/** The id of a picture or sound that is made when it is first asked for. */
export function mediaIdOf(kind: Kind, recipe: unknown): string {
  const id = `${kind}/${createHash('sha256')
    .update(JSON.stringify([kind, recipe]))
    .digest('hex')}`
  recipes.set(id, { kind, recipe })
  return id
}

/** The bytes of an id; undefined when there is no such thing. Local tracks all sound the same. */
export function mediaOf(id: string): { type: string; bytes: Buffer } | undefined {
  const known = made.get(id)
  if (known !== undefined) return known
  const recipe = id.startsWith('track/') ? { kind: 'preview' as const, recipe: id } : recipes.get(id)
  if (recipe === undefined) return undefined
  const media = make(id, recipe)
  made.set(id, media)
  return media
}

function make(id: string, { kind, recipe }: Recipe): { type: string; bytes: Buffer } {
  switch (kind) {
    case 'cover':
      return { type: 'image/png', bytes: kept(id, () => renderCover(recipe as Parameters<typeof renderCover>[0])) }
    case 'portrait':
      return {
        type: 'image/png',
        bytes: kept(id, () => renderPortrait(recipe as Parameters<typeof renderPortrait>[0])),
      }
    case 'peaks':
      return { type: 'application/octet-stream', bytes: peaks(String(recipe)) }
    case 'preview':
      return { type: 'audio/wav', bytes: tone() }
  }
}

/** Pictures take long to draw, so they are kept between runs. */
function kept(id: string, draw: () => Buffer): Buffer {
  const file = path.join(KEPT_IN, id.replace('/', '-'))
  try {
    return readFileSync(file)
  } catch {
    const bytes = draw()
    mkdirSync(KEPT_IN, { recursive: true })
    writeFileSync(`${file}.${process.pid}`, bytes)
    renameSync(`${file}.${process.pid}`, file)
    return bytes
  }
}

/** A waveform with an intro, drops and breaks, as dance music has. */
function peaks(seed: string): Buffer {
  const dice = diceFrom(`peaks ${seed}`)
  const parts = Array.from({ length: 12 }, (_, part) =>
    part === 0 || part === 11 ? 0.35 : dice.pick([0.5, 0.85, 1, 1, 0.4]),
  )
  const bytes = Buffer.alloc(PAIRS * 2)
  for (let pair = 0; pair < PAIRS; pair++) {
    const level = parts[Math.floor((pair * parts.length) / PAIRS)] ?? 0
    const height = Math.round(127 * level * dice.between(0.55, 1))
    bytes.writeInt8(-height, pair * 2)
    bytes.writeInt8(height, pair * 2 + 1)
  }
  return bytes
}

function tone(): Buffer {
  const left = Float32Array.from(
    { length: PREVIEW_SECONDS * RATE },
    (_, at) => 0.2 * Math.sin((2 * Math.PI * 220 * at) / RATE),
  )
  return encodeWav({ left, right: left, sampleRate: RATE })
}
