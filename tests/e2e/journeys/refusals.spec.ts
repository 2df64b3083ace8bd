import { identity } from '../../../contract/identity.ts'
import { registeredClient } from '../../_kit/device-client.ts'
import { otherComputer } from './ask-server.ts'
import { buyTrack, expect, openTrack, PASSWORD, signUp, test } from './journey.ts'

const TITLE = 'Short House'
/** What only a program would say: codes, stacks, addresses. */
const RAW = /\b[a-z]+(-[a-z]+)+: |\bat .+:\d+:\d+|ECONN|fetch failed|undefined|\[object|AppError|127\.0\.0\.1:\d+\/api/

test('R-DC-30: a wrong password is told plainly, and says nothing of whether there is such an account', async ({
  shop,
  tab,
  person,
}) => {
  const { page, welcome } = tab
  await registeredClient(shop.address, person)
  await welcome.signIn(person.email, 'not the password')
  await expect(welcome.failure).toHaveText(
    'The e-mail address or the password is wrong. Check both, or choose a new password.',
  )
  await welcome.signIn('nobody@people.example', 'not the password')
  await expect(welcome.failure).toContainText('The e-mail address or the password is wrong')
  await welcome.signIn('nobody', 'x')
  await expect(page.getByText('This is not an e-mail address')).toBeVisible()
  await expect(page.locator('body')).not.toContainText(RAW)
})

test('R-DC-30: while the shop is away signing in and buying say so, and both work when it is back', async ({
  shop,
  tab,
  person,
}) => {
  const { page, welcome, frame, store, checkout } = tab
  await registeredClient(shop.address, person)
  tab.mayLoseShop()
  await shop.stop()
  await welcome.signIn(person.email, PASSWORD)
  await expect(welcome.failure).toContainText('There is no connection to the store')
  await shop.start()
  await welcome.signIn(person.email, PASSWORD)
  await expect(frame.places).toBeVisible()
  await openTrack(tab, TITLE)
  await store.buyButton(TITLE).click()
  await shop.stop()
  await checkout.pay()
  await expect(checkout.failure).toContainText('There is no connection to the store')
  await expect(page.locator('body')).not.toContainText(RAW)
  await shop.start()
  await checkout.pay()
  await expect(checkout.state).toContainText('Waiting for your payment')
})

test('R-DC-15 R-DC-30: a computer that was removed is told so, keeps its files, and can be registered again', async ({
  shop,
  app,
  tab,
  person,
}) => {
  const { page, frame, library, welcome } = tab
  await signUp(tab, person)
  await buyTrack(tab, TITLE)
  await frame.goTo('Library')
  await expect(library.row(TITLE)).toContainText('Here')
  const other = await otherComputer(shop.address, person)
  const { body } = await other.call(identity.listDevices, {})
  const here = body.devices.find(({ id }) => id !== other.device?.id)
  expect((await other.call(identity.revokeDevice, { deviceId: here?.id ?? '' })).status).toBe(200)

  await library.removeFile(TITLE)
  await library.download(TITLE)
  await expect(page.getByText('This computer was removed from your account').first()).toBeVisible()
  await expect(page.locator('body')).not.toContainText(RAW)
  await page.getByRole('button', { name: 'Sign in again' }).click()
  await welcome.signIn(person.email, person.password)
  await frame.goTo('Devices')
  await expect(frame.content.getByRole('listitem').first()).toContainText('This computer')
  // What waited for it goes on by itself.
  await frame.goTo('Library')
  await expect(library.row(TITLE)).toContainText('Here')
  expect(await app.libraryFiles()).toHaveLength(1)
})

test('R-DC-30: an ended session hides nothing and asks to sign in again', async ({ shop, tab, person }) => {
  const { page, frame, library, welcome } = tab
  await signUp(tab, person)
  await buyTrack(tab, TITLE)
  await frame.goTo('Library')
  await expect(library.row(TITLE)).toContainText('Here')
  const other = await otherComputer(shop.address, person)
  expect((await other.request('POST', '/auth/v1/logout?scope=global', { isProofless: true })).status).toBe(204)
  await page.getByRole('button', { name: 'Refresh' }).click()
  await expect(page.getByText('Your session has ended').first()).toBeVisible()
  await expect(library.row(TITLE)).toContainText('Here')
  await expect(page.locator('body')).not.toContainText(RAW)
  await page.getByRole('link', { name: 'Sign in again' }).first().click()
  await welcome.signIn(person.email, person.password)
  await frame.goTo('Library')
  await expect(page.getByText('Your session has ended')).toHaveCount(0)
})
