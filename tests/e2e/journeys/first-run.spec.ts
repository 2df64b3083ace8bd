import { SESSION_SECRET } from '../../../main/core/identity/auth-client.ts'
import { expect, signUp, test } from './journey.ts'

test('J-L1 R-MM-04 R-DC-14: a new listener signs up, and this computer becomes a device of the account', async ({
  app,
  tab,
  person,
}) => {
  await expect(tab.page.getByRole('heading', { name: 'Sign in to MixMint' })).toBeVisible()
  await signUp(tab, person)
  await expect(tab.page.getByRole('heading', { name: 'New releases' })).toBeAttached()
  await tab.frame.goTo('Devices')
  await expect(tab.page.getByRole('main').getByRole('status')).toHaveText('1 of 5 in use')
  await expect(tab.page.getByRole('main').getByRole('listitem')).toHaveCount(1)
  await expect(tab.page.getByRole('main').getByRole('listitem')).toContainText('This computer')

  await app.restart()
  tab.mayLoseHost()
  await tab.page.goto(app.link())
  await tab.frame.goTo('Devices')
  await expect(tab.page.getByRole('main').getByRole('status')).toHaveText('1 of 5 in use')
})

test('J-L1 R-DC-04: no token stands in the browser or in any file', async ({ app, tab, person }) => {
  await signUp(tab, person)
  await tab.frame.goTo('Devices')
  const session = JSON.parse((await app.secret(SESSION_SECRET)) ?? '') as Record<string, string>
  const { access_token: accessToken = '', refresh_token: refreshToken = '' } = session
  expect(accessToken.split('.')).toHaveLength(3)
  expect(refreshToken.length).toBeGreaterThan(8)

  const kept = await tab.page.evaluate(() => ({
    local: { ...localStorage },
    session: Object.keys(sessionStorage),
    cookies: document.cookie,
    page: document.documentElement.outerHTML,
    address: location.href,
  }))
  expect(kept.session).toEqual(['mixmint.tab'])
  expect(kept.cookies).toBe('')
  expect(await tab.page.context().cookies()).toEqual([])
  for (const token of [accessToken, refreshToken, person.password]) expect(JSON.stringify(kept)).not.toContain(token)
  expect(kept.address).not.toContain('link=')

  for (const token of [accessToken, refreshToken, person.password]) expect(await app.filesWith(token)).toEqual([])
  await app.stop()
  for (const token of [accessToken, refreshToken, person.password]) expect(await app.filesWith(token)).toEqual([])
  tab.mayLoseHost()
})
