import type { Locator, Page } from '@playwright/test'

/** The checkout panel and its states. */
export class CheckoutPage {
  readonly panel: Locator
  readonly state: Locator
  readonly failure: Locator
  readonly paymentLink: Locator
  constructor(page: Page) {
    this.panel = page.getByRole('dialog', { name: 'Checkout' })
    /** `Waiting for your payment`, `Paid, confirming`, `It is yours`, or `The payment …`. */
    this.state = this.panel.getByRole('status')
    this.failure = this.panel.getByRole('alert')
    this.paymentLink = this.panel.getByRole('link', { name: 'Open the payment page' })
  }

  async pay(): Promise<void> {
    await this.panel.getByRole('button', { name: 'Pay in browser' }).click()
  }

  async putInto(crate: string): Promise<void> {
    await this.panel.getByRole('combobox', { name: 'Put it into a crate' }).selectOption(crate)
  }

  async checkNow(): Promise<void> {
    await this.panel.getByRole('button', { name: 'I have paid, check now' }).click()
  }

  async close(): Promise<void> {
    await this.panel.getByRole('button', { name: 'Close' }).first().click()
  }

  /** The address of the payment page, as shown for copying. */
  async address(): Promise<string> {
    return await this.panel.getByRole('textbox', { name: 'Address of the payment page' }).inputValue()
  }
}
