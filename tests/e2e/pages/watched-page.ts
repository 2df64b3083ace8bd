import AxeBuilder from '@axe-core/playwright'
import { expect, type Page } from '@playwright/test'

/** What went wrong on a page without anyone seeing it: console errors, exceptions, and reports of the content policy. */
export function watchPage(page: Page): { readonly complaints: readonly string[] } {
  const complaints: string[] = []
  page.on('console', (message) => {
    if (message.type() !== 'error' && message.type() !== 'warning') return
    complaints.push(`${message.text()} ${message.location().url}`.trim())
  })
  page.on('pageerror', (error) => complaints.push(error.message))
  return { complaints }
}

/** Checks a page with axe against WCAG 2.2 AA. */
export async function expectAccessible(page: Page): Promise<void> {
  const { violations } = await new AxeBuilder({ page })
    .withTags(['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice'])
    .analyze()
  const told = violations.map(
    ({ id, nodes }) =>
      `${id}: ${nodes
        .slice(0, 3)
        .map(({ html, failureSummary }) => `${html.slice(0, 200)} ${failureSummary}`)
        .join('\n   ')}`,
  )
  expect(told).toEqual([])
}
