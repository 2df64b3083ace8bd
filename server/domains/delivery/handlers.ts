import type { Handlers } from '../../../contract/call.ts'
import type { delivery } from '../../../contract/delivery.ts'
import type { CallContext } from '../../context.ts'
import { cancel } from './cancel.ts'
import { complete } from './complete.ts'
import { completeMany } from './complete-many.ts'
import { init } from './init.ts'

export const deliveryHandlers = { init, complete, completeMany, cancel } satisfies Handlers<
  typeof delivery,
  'server',
  CallContext
>
