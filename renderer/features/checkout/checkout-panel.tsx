import { useNavigate } from '@tanstack/react-router'
import { catalogue } from '../../../contract/catalogue.ts'
import { commerce, type PaymentStatus } from '../../../contract/commerce.ts'
import { crates } from '../../../contract/crates.ts'
import { delivery } from '../../../contract/delivery.ts'
import { library } from '../../../contract/library.ts'
import { errorText } from '../../shared/error-text.ts'
import { checkout, useCheckout } from '../../shared/state/checkout.ts'
import { useText } from '../../shared/text.ts'
import { Button } from '../../shared/ui/button.tsx'
import { Dialog } from '../../shared/ui/dialog.tsx'
import { useCall, useCommand } from '../../shared/use-call.ts'
import { useSession } from '../../shared/use-session.ts'
import { CrateChoice } from './crate-choice.tsx'
import { OrderLines } from './order-lines.tsx'
import { PaymentEnd } from './payment-end.tsx'
import { PaymentOpen } from './payment-open.tsx'
import { useFollowPayment } from './use-follow-payment.ts'

const OPEN: ReadonlySet<PaymentStatus> = new Set(['created', 'pending', 'authorized'])

/** Buying: what, for how much, where it goes, the payment in the browser, and how it honestly stands. */
export function CheckoutPanel() {
  const t = useText()
  const navigate = useNavigate()
  const session = useSession()
  const { items, isShown, stage, paymentId, crateId } = useCheckout()
  useFollowPayment()
  const { data: payment } = useCall(
    commerce.getPayment,
    { paymentId: paymentId ?? '' },
    { isEnabled: paymentId !== null },
  )
  const buy = useCommand(commerce.buy, {
    showsFailure: true,
    refresh: [catalogue.getTrack, catalogue.getPack, library.list, delivery.list, crates.list],
    onDone: ({ id }) => checkout.paymentOpened(id),
  })
  if (!isShown) return null

  const pay = (): void => {
    checkout.started()
    buy.mutate(
      { items: items.map(({ contentType, contentId }) => ({ contentType, contentId })) },
      { onError: () => checkout.refused() },
    )
  }
  const close = (): void => {
    buy.reset()
    checkout.closed()
  }
  if (session?.status !== 'signed-in') {
    return (
      <Dialog
        shape="panel"
        title={t('Checkout')}
        onClose={close}
        footer={
          <Button
            kind="primary"
            size="large"
            className="w-full"
            onClick={() => {
              close()
              void navigate({ to: '/welcome' })
            }}
          >
            {t('Sign in or create an account')}
          </Button>
        }
      >
        <OrderLines items={items} />
        <p className="mt-6 text-muted text-sm">
          {t('What you buy belongs to your account, so that you can download it again on any of your devices.')}
        </p>
      </Dialog>
    )
  }
  if (stage === 'open' && (payment === undefined || OPEN.has(payment.status))) {
    return (
      <Dialog shape="panel" title={t('Checkout')} onClose={close}>
        <PaymentOpen payment={payment ?? null} />
        {items.length > 0 && (
          <div className="mt-8 border-line border-t pt-5">
            <OrderLines items={items} />
          </div>
        )}
      </Dialog>
    )
  }
  if (payment !== undefined && (stage === 'open' || stage === 'ended')) {
    return (
      <Dialog shape="panel" title={t('Checkout')} onClose={close}>
        <PaymentEnd payment={payment} items={items} onClose={close} onRetry={() => checkout.refused()} />
      </Dialog>
    )
  }
  const failure = buy.error === null ? null : errorText(buy.error)
  return (
    <Dialog
      shape="panel"
      title={t('Checkout')}
      about={t('You pay on the page of the payment provider, in your browser.')}
      onClose={close}
      footer={
        <div className="flex flex-col gap-3">
          {failure !== null && (
            <p role="alert" className="text-sm">
              <span className="font-medium text-coral">{t(failure.what)}.</span> {t(failure.remedy)}
            </p>
          )}
          <Button kind="primary" size="large" className="w-full" disabled={stage === 'starting'} onClick={pay}>
            {stage === 'starting' ? t('Opening the payment…') : t('Pay in browser')}
          </Button>
        </div>
      }
    >
      <OrderLines items={items} />
      <CrateChoice chosen={crateId} onChoose={(id) => checkout.crateChosen(id)} />
    </Dialog>
  )
}
