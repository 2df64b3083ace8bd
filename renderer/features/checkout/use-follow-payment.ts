import { useEffect } from 'react'
import { commerce } from '../../../contract/commerce.ts'
import { checkout, useCheckout } from '../../shared/state/checkout.ts'
import { toasts } from '../../shared/state/toasts.ts'
import { useText } from '../../shared/text.ts'
import { useAddToCrate } from '../../shared/track/add-to-crate.ts'
import { useCall } from '../../shared/use-call.ts'

const ASK_EVERY_MS = 3000
const ENDED: ReadonlySet<string> = new Set([
  'captured',
  'failed',
  'cancelled',
  'refunded',
  'partially_refunded',
  'disputed',
])

/** Asks how the open payment stands until it ends, whether or not its panel is shown, and then puts the items into their crate. */
export function useFollowPayment(): void {
  const t = useText()
  const { items, stage, paymentId, crateId, isShown } = useCheckout()
  const { add } = useAddToCrate()
  const { data: payment } = useCall(
    commerce.getPayment,
    { paymentId: paymentId ?? '' },
    { isEnabled: paymentId !== null && stage === 'open', refetchEveryMs: stage === 'open' ? ASK_EVERY_MS : false },
  )
  const status = payment?.status
  // biome-ignore lint/correctness/useExhaustiveDependencies: only a change of the payment's own state is followed.
  useEffect(() => {
    if (stage !== 'open' || status === undefined || !ENDED.has(status)) return
    checkout.ended()
    if (status === 'captured' && crateId !== null) add(crateId, items)
    if (!isShown) {
      toasts.told(
        status === 'captured'
          ? t('Payment confirmed: it is yours')
          : t('The payment did not go through; nothing was charged'),
      )
      checkout.closed()
    }
  }, [status, stage])
}
