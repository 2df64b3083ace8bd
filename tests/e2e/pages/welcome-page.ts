import type { Locator, Page } from '@playwright/test'

/** Signing in and up, recovery, and the screen for a sixth device. */
export class WelcomePage {
  readonly page: Page
  readonly email: Locator
  readonly password: Locator
  readonly failure: Locator
  constructor(page: Page) {
    this.page = page
    this.email = page.getByRole('textbox', { name: 'E-mail' })
    this.password = page.getByLabel('Password', { exact: true })
    this.failure = page.getByRole('alert')
  }

  async signIn(email: string, password: string): Promise<void> {
    await this.email.fill(email)
    await this.password.fill(password)
    await this.page.getByRole('button', { name: 'Sign in', exact: true }).first().click()
  }

  async signUp(email: string, password: string): Promise<void> {
    await this.page.getByRole('button', { name: 'Create an account' }).click()
    await this.email.fill(email)
    await this.password.fill(password)
    await this.page.getByRole('button', { name: 'Create account' }).click()
  }

  async askForNewPassword(email: string): Promise<void> {
    await this.page.getByRole('button', { name: 'Forgot your password?' }).click()
    await this.email.fill(email)
    await this.page.getByRole('button', { name: 'Send the code' }).click()
  }

  async answerWithCode(code: string, password: string): Promise<void> {
    await this.page.getByRole('textbox', { name: 'Code from the mail' }).fill(code)
    await this.page.getByLabel('New password').fill(password)
    await this.page.getByRole('button', { name: 'Save and sign in' }).click()
  }

  async lookAround(): Promise<void> {
    await this.page.getByRole('button', { name: 'Look around without an account' }).click()
  }

  /** On the screen for a device too many: the device makes place for this computer. */
  async replaceDevice(name: string): Promise<void> {
    await this.page.getByRole('button', { name: `Remove ${name} and go on` }).click()
  }
}
