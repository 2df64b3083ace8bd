import type { z } from 'zod'
import type { ErrorCode } from './errors.ts'

/** Where a call is answered: on this computer by the core, or by the server. */
export type Side = 'desktop' | 'server'

/**
 * What a server call must prove.
 * `none`: anyone. `optional`: anyone, a session adds what only its owner sees. `session`: a signed-in account.
 * `device`: a session plus a DPoP proof of the registered device key. `new-device`: a session plus a proof of a key that is being registered.
 */
export type Proof = 'none' | 'optional' | 'session' | 'device' | 'new-device'

/** Who may make the call. `core` keeps it from the renderer and the command line, as with raw download tokens. */
export type Audience = 'renderer' | 'core'

interface Spec<I extends z.ZodType, O extends z.ZodType> {
  /** One sentence for the documentation: what the call promises. */
  readonly about: string
  readonly input: I
  readonly output: O
  /** The failures a caller must expect, beside those that every call may answer. */
  readonly errors?: readonly ErrorCode[]
  readonly audience?: Audience
}

interface ServerSpec<I extends z.ZodType, O extends z.ZodType> extends Spec<I, O> {
  readonly proof: Proof
  /** Fixed by a document; otherwise `/api/<domain>/<call>`. */
  readonly path?: `/api/${string}`
  /** The command carries an `Idempotency-Key` header: the same key and body give the same answer. */
  readonly isIdempotent?: true
}

export interface CallDefinition<S extends Side = Side, I extends z.ZodType = z.ZodType, O extends z.ZodType = z.ZodType>
  extends Spec<I, O> {
  /** `<domain>.<call>`, set by `domain()`. */
  name: string
  /** The HTTP path of a server call, set by `domain()`. */
  path: string
  readonly runs: S
  readonly kind: 'query' | 'command'
  readonly proof: Proof
  readonly audience: Audience
  readonly errors: readonly ErrorCode[]
  readonly isIdempotent: boolean
}

function define<S extends Side, I extends z.ZodType, O extends z.ZodType>(
  runs: S,
  kind: 'query' | 'command',
  spec: Spec<I, O> & Partial<ServerSpec<I, O>>,
): CallDefinition<S, I, O> {
  return {
    proof: 'none',
    audience: 'renderer',
    errors: [],
    isIdempotent: false,
    path: '',
    ...spec,
    name: '',
    runs,
    kind,
  }
}

/** A read answered by the server, with `GET`. */
export function serverQuery<I extends z.ZodType, O extends z.ZodType>(spec: ServerSpec<I, O>) {
  return define('server', 'query', spec)
}

/** A change made by the server, with `POST`. */
export function serverCommand<I extends z.ZodType, O extends z.ZodType>(spec: ServerSpec<I, O>) {
  return define('server', 'command', spec)
}

/** A read answered by the core on this computer. */
export function desktopQuery<I extends z.ZodType, O extends z.ZodType>(spec: Spec<I, O>) {
  return define('desktop', 'query', spec)
}

/** A change made by the core on this computer. */
export function desktopCommand<I extends z.ZodType, O extends z.ZodType>(spec: Spec<I, O>) {
  return define('desktop', 'command', spec)
}

/** Names each call and its path after its domain, so that `delivery.init` is spelled once. */
export function domain<const D extends Record<string, CallDefinition>>(prefix: string, definitions: D): D {
  for (const [key, definition] of Object.entries(definitions)) {
    definition.name = `${prefix}.${key}`
    if (definition.runs === 'server' && definition.path === '') definition.path = `/api/${prefix}/${key}`
  }
  return definitions
}

export type Input<C extends CallDefinition> = z.input<C['input']>
export type Parsed<C extends CallDefinition> = z.output<C['input']>
export type Output<C extends CallDefinition> = z.output<C['output']>

/** How every layer makes a call: the definition and its input, typed by it. */
export type Caller = <C extends CallDefinition>(definition: C, input: Input<C>) => Promise<Output<C>>

/** One function for every call of `D` that runs on `S`: a missing, extra or wrong handler does not compile. */
export type Handlers<D, S extends Side, Context> = {
  [K in keyof D as D[K] extends CallDefinition<S> ? K : never]: D[K] extends CallDefinition
    ? (context: Context, input: Parsed<D[K]>) => Promise<z.input<D[K]['output']>>
    : never
}
