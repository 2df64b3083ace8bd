import type { z } from 'zod'
import { crates } from '../../../contract/crates.ts'
import type { ContentRef } from '../../../contract/values.ts'
import { toasts } from '../state/toasts.ts'
import { useText } from '../text.ts'
import { useCall, useCommand } from '../use-call.ts'
import { useHasAccount } from '../use-session.ts'

/** The crates there are, and how to put tracks into one; putting in can be taken back. */
export function useAddToCrate() {
  const t = useText()
  const hasAccount = useHasAccount()
  const { data } = useCall(crates.list, {}, { isEnabled: hasAccount })
  const refresh = [crates.list, crates.plan]
  const setItems = useCommand(crates.setItems, { refresh })
  const list = data?.crates ?? []

  function add(crateId: string, contents: readonly z.infer<typeof ContentRef>[]): void {
    const crate = list.find(({ id }) => id === crateId)
    if (crate === undefined) return
    const former = crate.items.map(({ contentType, contentId }) => ({ contentType, contentId }))
    const fresh = contents.filter(({ contentId }) => former.every((item) => item.contentId !== contentId))
    if (fresh.length === 0) {
      toasts.told(t('Already in {crate}', { crate: crate.name }))
      return
    }
    setItems.mutate({ crateId, items: [...former, ...fresh] })
    toasts.undoable(
      t('{count, plural, one {# track} other {# tracks}} put into {crate}', { count: fresh.length, crate: crate.name }),
      t('Undo'),
      () => setItems.mutate({ crateId, items: former }),
    )
  }
  return { crates: list, add }
}
