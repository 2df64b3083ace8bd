import { Clock, ExternalLink } from 'lucide-react'
import type { z } from 'zod'
import { app } from '../../../contract/app.ts'
import { commerce, type Payment } from '../../../contract/commerce.ts'
import { toasts } from '../../shared/state/toasts.ts'
import { useText } from '../../shared/text.ts'
import { Button, buttonClass } from '../../shared/ui/button.tsx'
import { CopyLine } from '../../shared/ui/copy-line.tsx'
import { useCommand } from '../../shared/use-call.ts'

/** A payment that is not finished: the way to its page, and asking how it stands. */
export function PaymentOpen({ payment }: { payment: z.infer<typeof Payment> | null }) {
  const t = useText()
  const check = useCommand(commerce.checkPayment, {
    refresh: [commerce.getPayment],
    onDone: ({ status }) => {
      if (status === 'created' || status === 'pending') {
        toasts.told(t('The provider has not seen your payment yet. We keep asking.'))
      }
    },
  })
  const cancel = useCommand(commerce.cancelPayment, { refresh: [commerce.getPayment] })
  const open = useCommand(app.openInBrowser)
  const isPaid = payment?.status === 'authorized'
  const address = payment?.checkoutAddress ?? null
  return (
    <div className="flex flex-col gap-5">
      <div role="status" className="flex items-start gap-3">
        <Clock size={20} strokeWidth={1.5} className="mt-0.5 shrink-0 text-amber" aria-hidden />
        <div>
          <p className="font-semibold">{isPaid ? t('Paid, confirming') : t('Waiting for your payment')}</p>
          <p className="text-muted text-sm">
            {isPaid
              ? t('The provider has your payment. It is yours in a moment; you can close this.')
              : t('Pay on the page in your browser. This follows by itself, also when you close it.')}
          </p>
        </div>
      </div>
      {address !== null && !isPaid && (
        <>
          <a
            href={address}
            target="_blank"
            rel="noreferrer"
            className={buttonClass('primary', 'large')}
            onClick={(event) => {
              // Inside Electron the browser is opened by the host; elsewhere the link itself does it.
              if (window.mixmint === undefined) return
              event.preventDefault()
              open.mutate({ address })
            }}
          >
            {t('Open the payment page')}
            <ExternalLink size={16} strokeWidth={1.5} aria-hidden />
          </a>
          <CopyLine label={t('Address of the payment page')} value={address} />
        </>
      )}
      {payment !== null && (
        <div className="flex flex-wrap gap-2">
          <Button disabled={check.isPending} onClick={() => check.mutate({ paymentId: payment.id })}>
            {t('I have paid, check now')}
          </Button>
          {!isPaid && (
            <Button kind="quiet" disabled={cancel.isPending} onClick={() => cancel.mutate({ paymentId: payment.id })}>
              {t('Cancel the payment')}
            </Button>
          )}
        </div>
      )}
    </div>
  )
}
