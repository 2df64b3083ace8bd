import type { CallDefinition } from '../../contract/call.ts'
import { AppError, type ErrorCode, type Reply, toReply } from '../../contract/errors.ts'
import { callsByName } from '../../contract/index.ts'
import type { LocalHandlers } from './features.ts'
import type { Log, Random } from './ports.ts'
import type { ServerCall } from './server/server-call.ts'

interface DoorNeeds {
  /** The handlers of each domain's desktop calls. */
  readonly handlers: Readonly<Record<string, LocalHandlers>>
  readonly serverCall: ServerCall
  readonly log: Log
  readonly random: Random
  /** Development and tests: outputs of local handlers are parsed, and a failure that the call does not declare is a bug. */
  readonly isStrict: boolean
}

/** Failures that any call may answer without declaring them. */
const ANY_CALL: ReadonlySet<ErrorCode> = new Set([
  'invalid-input',
  'malformed-request',
  'too-large',
  'unknown-call',
  'wrong-host',
  'rate-limited',
  'idempotency-mismatch',
  'idempotency-in-progress',
  'server-busy',
  'internal',
  'not-signed-in',
  'session-expired',
  'account-suspended',
  'fresh-sign-in-required',
  'use-dpop-nonce',
  'invalid-dpop-proof',
  'device-unknown',
  'device-revoked',
  'device-limit',
  'offline',
  'captive-portal',
  'proxy-refused',
  'untrusted-server',
  'no-secret-store',
  'disk-error',
  'disk-full',
  'newer-data',
])

/** Every message of every host comes through here: known name, permitted caller, valid input, one envelope out. Never throws. */
export function createDoor({ handlers, serverCall, log, random, isStrict }: DoorNeeds) {
  async function answer(name: string, input: unknown): Promise<unknown> {
    const definition = callsByName.get(name)
    if (definition === undefined || definition.audience === 'core') throw new AppError('unknown-call')
    const parsed = definition.input.safeParse(input ?? {})
    if (!parsed.success) throw new AppError('invalid-input', undefined, { errors: fieldErrors(parsed.error.issues) })
    if (definition.runs === 'server') return await serverCall(definition, input ?? {})
    return checkOutput(definition, await runLocal(definition, parsed.data))
  }

  async function runLocal(definition: CallDefinition, input: unknown): Promise<unknown> {
    const [domain = '', key = ''] = definition.name.split('.')
    const handler = handlers[domain]?.[key]
    if (handler === undefined) throw new AppError('unknown-call')
    try {
      return await handler(undefined, input as never)
    } catch (error) {
      if (isStrict && error instanceof AppError && !isDeclared(definition, error.code))
        throw new Error(`${definition.name} does not declare the failure ${error.code}`, { cause: error })
      throw error
    }
  }

  function checkOutput(definition: CallDefinition, output: unknown): unknown {
    if (!isStrict) return output
    const parsed = definition.output.safeParse(output)
    if (!parsed.success)
      throw new Error(`${definition.name} answered what its contract does not allow`, { cause: parsed.error })
    return parsed.data
  }

  return async function call(name: string, input: unknown): Promise<Reply<unknown>> {
    return await toReply(
      () => answer(name, input),
      (error) => {
        const reference = random.uuid()
        log.error({ error, call: name, reference }, 'a call failed unexpectedly')
        return reference
      },
    )
  }
}

function isDeclared(definition: CallDefinition, code: ErrorCode): boolean {
  return ANY_CALL.has(code) || definition.errors.includes(code)
}

/** The first message for each field, by its dotted path. */
function fieldErrors(issues: readonly { path: readonly PropertyKey[]; message: string }[]): Record<string, string> {
  const errors: Record<string, string> = {}
  for (const { path, message } of issues) errors[path.map(String).join('.') || '(input)'] ??= message
  return errors
}
