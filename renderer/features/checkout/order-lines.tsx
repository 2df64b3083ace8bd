import { formatMoney, sumOf } from '../../shared/format/money.ts'
import type { CheckoutItem } from '../../shared/state/checkout.ts'
import { useText } from '../../shared/text.ts'
import { Cover } from '../../shared/ui/cover.tsx'

/** What is bought, line by line, and the total. */
export function OrderLines({ items }: { items: readonly CheckoutItem[] }) {
  const t = useText()
  return (
    <div className="flex flex-col gap-4">
      <ul className="flex flex-col gap-3">
        {items.map(({ contentId, title, artist, cover, price }) => (
          <li key={contentId} className="flex items-center gap-3">
            <Cover media={cover} className="size-14" />
            <div className="min-w-0 grow">
              <p className="line-clamp-2 font-medium text-sm">{title}</p>
              <p className="truncate text-muted text-sm">{artist}</p>
            </div>
            <span className="figures text-sm">{formatMoney(price)}</span>
          </li>
        ))}
      </ul>
      <p className="flex justify-between border-line border-t pt-3 font-semibold">
        <span>{t('Total')}</span>
        <span className="figures">{formatMoney(sumOf(items.map(({ price }) => price)))}</span>
      </p>
    </div>
  )
}
