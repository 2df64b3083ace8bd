import type { Handlers } from '../../../contract/call.ts'
import type { commerce } from '../../../contract/commerce.ts'
import type { CallContext } from '../../context.ts'
import { cancelPayment } from './cancel-payment.ts'
import { checkout } from './checkout.ts'
import { getPayment } from './get-payment.ts'
import { listPayments } from './list-payments.ts'

export const commerceHandlers = { checkout, getPayment, listPayments, cancelPayment } satisfies Handlers<
  typeof commerce,
  'server',
  CallContext
>
