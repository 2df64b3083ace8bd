import { expect, payInBrowser, test } from './journey.ts'

const TITLE = 'Short House'

test('R-DC-30: the main job is done with the keyboard alone', async ({ app, tab, person }) => {
  const { page, welcome, frame, store, checkout, library, crates } = tab
  const { keyboard } = page

  /** Tabs until the wanted control has the focus. */
  async function tabTo(role: 'button' | 'link' | 'textbox', name: string | RegExp): Promise<void> {
    const wanted = page.getByRole(role, { name }).first()
    await expect(wanted).toBeVisible()
    for (let step = 0; step < 80; step += 1) {
      if (await wanted.evaluate((element) => element === document.activeElement)) return
      await keyboard.press('Tab')
    }
    throw new Error(`Eighty steps with Tab do not lead to ${name}`)
  }
  async function goByPalette(words: string): Promise<void> {
    await keyboard.press('ControlOrMeta+k')
    await expect(page.getByRole('combobox', { name: 'Type a command or what to search for' })).toBeFocused()
    await keyboard.type(words)
    await keyboard.press('Enter')
  }

  await expect(welcome.email).toBeVisible()
  await tabTo('button', 'Create an account')
  await keyboard.press('Enter')
  await tabTo('textbox', 'E-mail')
  await keyboard.type(person.email)
  await keyboard.press('Tab')
  await expect(welcome.password).toBeFocused()
  await keyboard.type(person.password)
  await keyboard.press('Enter')
  await expect(frame.places).toBeVisible()

  await keyboard.press('/')
  await expect(frame.search).toBeFocused()
  await keyboard.type(TITLE)
  await keyboard.press('Enter')
  await tabTo('link', TITLE)
  await keyboard.press('Enter')
  await expect(store.title()).toHaveText(TITLE)
  await tabTo('button', /^Buy/)
  await keyboard.press('Enter')
  await tabTo('button', 'Pay in browser')
  await keyboard.press('Enter')
  await expect(checkout.paymentLink).toBeVisible()
  await payInBrowser(tab)
  await expect(checkout.state).toContainText('It is yours')
  await keyboard.press('Escape')
  await expect(checkout.panel).toHaveCount(0)

  await goByPalette('crates')
  await tabTo('textbox', 'Name of the new crate')
  await keyboard.type('Friday')
  await keyboard.press('Enter')
  await goByPalette('library')
  await expect(library.row(TITLE)).toContainText('Here')
  expect(await app.libraryFiles()).toHaveLength(1)
  await goByPalette(TITLE)
  await tabTo('link', TITLE)
  await keyboard.press('Enter')
  await tabTo('button', 'Put into a crate')
  await keyboard.press('Enter')
  await expect(page.getByRole('menuitem', { name: 'Friday' })).toBeFocused()
  await keyboard.press('Enter')
  await goByPalette('Crate: Friday')
  await expect(crates.tracks).toHaveCount(1)
})
