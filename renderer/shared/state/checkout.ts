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
  readonly items: readonly CheckoutItem[] | null
  /** Contents whose payment is being confirmed, so that buttons say so everywhere. */
  readonly confirming: ReadonlySet<string>
}

const useStore = create<Checkout>(() => ({ items: null, confirming: new Set() }))

/** What happens to the checkout panel. */
export const checkout = {
  opened: (items: readonly CheckoutItem[]): void => useStore.setState({ items }),
  closed: (): void => useStore.setState({ items: null }),
  confirming: (contentIds: readonly string[]): void =>
    useStore.setState(({ confirming }) => ({ confirming: new Set([...confirming, ...contentIds]) })),
  settled: (contentIds: readonly string[]): void =>
    useStore.setState(({ confirming }) => ({
      confirming: new Set([...confirming].filter((id) => !contentIds.includes(id))),
    })),
}

export const useCheckoutItems = (): readonly CheckoutItem[] | null => useStore(({ items }) => items)
export const useIsConfirming = (contentId: string): boolean => useStore(({ confirming }) => confirming.has(contentId))
