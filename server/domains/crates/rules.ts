import type { ContentRef } from '../../../contract/values.ts'

interface CrateContent {
  readonly name: string
  readonly items: readonly ContentRef[]
}

/** Whether two crates are called the same and hold the same in the same order. */
export function isSameCrate(one: CrateContent, other: CrateContent): boolean {
  return (
    one.name === other.name &&
    one.items.length === other.items.length &&
    one.items.every((item, place) => {
      const counterpart = other.items[place]
      return item.contentId === counterpart?.contentId && item.contentType === counterpart.contentType
    })
  )
}

/** Whether something stands in a crate more than once. */
export function hasRepeats(items: readonly ContentRef[]): boolean {
  return new Set(items.map(({ contentType, contentId }) => `${contentType}/${contentId}`)).size < items.length
}
