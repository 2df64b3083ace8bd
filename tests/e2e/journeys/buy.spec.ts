import { until } from '../../_kit/until.ts'
import { expect, openTab, openTrack, payInBrowser, signUp, test } from './journey.ts'

const TITLE = 'Schön & Kurz'

test('J-L3 R-MM-20 R-MM-57: a track is bought on the page of the provider, once', async ({ shop, tab, person }) => {
  const { page, store, checkout, frame, library } = tab
  await signUp(tab, person)
  await frame.goTo('Settings')
  await page.getByRole('switch', { name: 'Download after buying' }).click()
  await openTrack(tab, TITLE)
  await expect(store.buyButton(TITLE)).toHaveText('Buy ₹29')
  await store.buyButton(TITLE).click()
  await checkout.pay()
  await expect(checkout.state).toContainText('Waiting for your payment')
  // Behind the panel the page has no roles.
  await expect(page.locator('main').getByText('Confirming…')).toBeVisible()
  await expect(page.locator('main').getByText('Buy ₹29')).toHaveCount(0)
  await payInBrowser(tab)
  await expect(checkout.state).toContainText('It is yours')
  await expect(checkout.state).toContainText('₹29')
  await checkout.close()

  await expect(store.downloadButton(TITLE)).toBeVisible()
  await expect(store.buyButton(TITLE)).toHaveCount(0)
  await frame.goTo('Library')
  await expect(library.row(TITLE)).toContainText('Owned')
  await page.reload()
  await expect(library.row(TITLE)).toContainText('Owned')

  await until('the receipt is in the outbox', async () =>
    (await shop.mailsTo(person.email)).some((mail) => mail.includes('receipt') && mail.includes(`${TITLE}: ₹29.00`)),
  )
})

test('J-L3 R-MM-20: a second purchase of the same track in another tab is refused, rolled back and explained', async ({
  app,
  tab,
  person,
  context,
}) => {
  await signUp(tab, person)
  const other = await openTab(context, app.link())
  for (const each of [tab, other]) {
    await openTrack(each, TITLE)
    await each.store.buyButton(TITLE).click()
  }
  await tab.checkout.pay()
  await payInBrowser(tab)
  await expect(tab.checkout.state).toContainText('It is yours')

  await other.checkout.pay()
  await expect(other.checkout.failure).toContainText('You already own this')
  await expect(other.checkout.failure).toContainText('nothing was charged')
  await other.checkout.close()
  await expect(other.store.content.getByText('Confirming…')).toHaveCount(0)
  await expect(other.store.buyButton(TITLE)).toHaveCount(0)
  expect(other.complaints()).toEqual([])
})

test('R-MM-20 R-MM-57: a declined payment charges nothing and leaves the track for sale', async ({ tab, person }) => {
  const { store, checkout } = tab
  await signUp(tab, person)
  await openTrack(tab, TITLE)
  await store.buyButton(TITLE).click()
  await checkout.pay()
  await payInBrowser(tab, 'Decline')
  await expect(checkout.state).toContainText('did not go through')
  await expect(checkout.state).toContainText('Nothing was charged')
  await checkout.close()
  await expect(store.buyButton(TITLE)).toBeVisible()
})

test('R-MM-57: a payment that outlives its page is shown when the listener comes back from paying', async ({
  tab,
  person,
  context,
}) => {
  const { page, store, checkout } = tab
  await signUp(tab, person)
  await openTrack(tab, TITLE)
  await store.buyButton(TITLE).click()
  await checkout.pay()
  const address = await checkout.address()
  await page.reload()
  await expect(store.buyButton(TITLE)).toBeVisible()

  const vendor = await context.newPage()
  await vendor.goto(address)
  await vendor.getByRole('button', { name: /^Pay ₹/ }).click()
  await expect(vendor.getByRole('heading', { name: 'Back to MixMint' })).toBeVisible()
  await vendor.close()
  await expect(checkout.state).toContainText('It is yours')
  await checkout.close()
  await expect(store.title()).toHaveText(TITLE)
  await expect(store.buyButton(TITLE)).toHaveCount(0)
})
