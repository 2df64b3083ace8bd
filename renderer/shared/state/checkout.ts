import type { z } from 'zod'
import { create } from 'zustand'
import type { ContentRef, Money } from '../../../contract/values.ts'

export interface CheckoutItem extends z.infer<typeof ContentRef> {
  readonly title: string
  readonly artist: string
  readonly cover: string | null
  readonly price: Money
}

interface Checkout {
  /** Empty for a payment that was begun elsewhere. */
  readonly items: readonly CheckoutItem[]
  readonly isShown: boolean
  /** `review`: nothing asked yet. `starting`, `open`: from the click until the payment ends. `ended`: its end is on the screen. */
  readonly stage: 'review' | 'starting' | 'open' | 'ended'
  readonly paymentId: string | null
  /** The crate that gets what is bought. */
  readonly crateId: string | null
}

const NOTHING: Checkout = { items: [], isShown: false, stage: 'review', paymentId: null, crateId: null }
const UNDER_WAY: ReadonlySet<string> = new Set(['starting', 'open'])
const useStore = create<Checkout>(() => NOTHING)

/** What happens to the checkout panel. It can be closed while a payment is open; the payment goes on. */
export const checkout = {
  opened: (items: readonly CheckoutItem[]): void => useStore.setState({ ...NOTHING, items, isShown: true }),
  shownAgain: (): void => useStore.setState({ isShown: true }),
  closed: (): void => useStore.setState(({ stage }) => (UNDER_WAY.has(stage) ? { isShown: false } : { ...NOTHING })),
  crateChosen: (crateId: string | null): void => useStore.setState({ crateId }),
  started: (): void => useStore.setState({ stage: 'starting' }),
  refused: (): void => useStore.setState({ stage: 'review', paymentId: null }),
  paymentOpened: (paymentId: string): void => useStore.setState({ stage: 'open', paymentId }),
  ended: (): void => useStore.setState({ stage: 'ended' }),
  /** Somebody comes back from paying: how that payment stands is shown, unless another order is on the screen or under way. */
  returned: (paymentId: string): void =>
    useStore.setState((former) => {
      if (former.paymentId === paymentId) return { isShown: true }
      const isBusy = former.isShown || UNDER_WAY.has(former.stage)
      return isBusy ? {} : { ...NOTHING, isShown: true, stage: 'open', paymentId }
    }),
}

export const useCheckout = (): Checkout => useStore()
/** Whether a payment for this content is under way, so that its button says so everywhere. */
export const useIsConfirming = (contentId: string): boolean =>
  useStore(({ stage, items }) => UNDER_WAY.has(stage) && items.some((item) => item.contentId === contentId))
