import { Link } from '@tanstack/react-router'
import { CircleAlert, CircleCheck } from 'lucide-react'
import type { z } from 'zod'
import { app } from '../../../contract/app.ts'
import type { Payment } from '../../../contract/commerce.ts'
import { formatMoney } from '../../shared/format/money.ts'
import type { CheckoutItem } from '../../shared/state/checkout.ts'
import { useText } from '../../shared/text.ts'
import { useStartDownload } from '../../shared/track/use-start-download.ts'
import { Button, buttonClass } from '../../shared/ui/button.tsx'
import { useCall } from '../../shared/use-call.ts'

interface PaymentEndProps {
  readonly payment: z.infer<typeof Payment>
  readonly items: readonly CheckoutItem[]
  readonly onClose: () => void
  readonly onRetry: () => void
}

/** How a payment ended: yours, not charged, or given back. */
export function PaymentEnd({ payment, items, onClose, onRetry }: PaymentEndProps) {
  const t = useText()
  const { data: settings } = useCall(app.getSettings, {})
  const { start } = useStartDownload()
  const { status, failureCode, total } = payment
  const isYours = status === 'captured'
  const isReturned = status === 'refunded' || status === 'partially_refunded'
  const title = isYours
    ? t('It is yours')
    : isReturned
      ? t('Your money is on its way back')
      : status === 'cancelled'
        ? t('The payment was cancelled')
        : t('The payment did not go through')
  const about = isYours
    ? t('Paid {price}. The receipt is in your mail.', { price: formatMoney(total) })
    : isReturned
      ? failureCode === 'already-owned'
        ? t('You already owned this, so the second payment was given back.')
        : t('The payment was given back in full.')
      : t('Nothing was charged.')
  return (
    <div className="flex flex-col gap-6">
      <div role="status" className="flex items-start gap-3">
        {isYours ? (
          <CircleCheck size={20} strokeWidth={1.5} className="mt-0.5 shrink-0 text-mint" aria-hidden />
        ) : (
          <CircleAlert size={20} strokeWidth={1.5} className="mt-0.5 shrink-0 text-coral" aria-hidden />
        )}
        <div>
          <p className="font-semibold">{title}</p>
          <p className="text-muted text-sm">{about}</p>
        </div>
      </div>
      <div className="flex flex-wrap gap-2">
        {isYours && settings?.downloadAfterPurchase === false && (
          <Button
            kind="primary"
            onClick={() => {
              for (const { contentType, contentId, title: name, artist, cover } of items) {
                start({ contentType, contentId, title: name, artist, cover })
              }
              onClose()
            }}
          >
            {t('Download now')}
          </Button>
        )}
        {isYours && settings?.downloadAfterPurchase !== false && (
          <Link to="/downloads" className={buttonClass('primary')} onClick={onClose}>
            {t('See the download')}
          </Link>
        )}
        {isYours ? (
          <Link to="/library" className={buttonClass()} onClick={onClose}>
            {t('Open the library')}
          </Link>
        ) : isReturned || items.length === 0 ? null : (
          <Button kind="primary" onClick={onRetry}>
            {t('Try again')}
          </Button>
        )}
        <Button kind="quiet" onClick={onClose}>
          {t('Close')}
        </Button>
      </div>
    </div>
  )
}
