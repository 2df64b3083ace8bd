import { identity } from '../../../contract/identity.ts'
import { SESSION_SECRET } from '../../../main/core/identity/auth-client.ts'
import { registeredClient, signInClient } from '../../_kit/device-client.ts'
import { buyTrack, expect, PASSWORD, signUp, test } from './journey.ts'

const TITLE = 'Short House'

test('J-L10 R-DC-15: a sixth computer comes in once one of five is removed', async ({ shop, tab, person }) => {
  const { page, welcome, frame } = tab
  const first = await registeredClient(shop.address, person)
  for (const name of ['Studio', 'Laptop', 'Club booth', 'Old phone']) {
    const other = await signInClient(shop.address, { ...person, isNew: false })
    expect((await other.registerDevice(name)).status).toBe(200)
  }
  await welcome.signIn(person.email, PASSWORD)
  await expect(page.getByRole('heading', { name: 'All your devices are in use' })).toBeVisible()
  await expect(page.getByRole('main')).toContainText(
    'Your account works on 5 devices. Remove one, and this computer takes its place.',
  )
  await welcome.replaceDevice('Old phone')
  await frame.goTo('Devices')
  await expect(frame.content.getByRole('status')).toHaveText('5 of 5 in use')
  await expect(frame.content.getByRole('listitem', { name: 'Old phone' })).toHaveCount(0)
  await expect(frame.content.getByRole('listitem').first()).toContainText('This computer')
  const { body } = await first.call(identity.listDevices, {})
  expect(body.devices.filter(({ revokedAt }) => revokedAt === null)).toHaveLength(5)
})

test('R-DC-15: a device is renamed here and everywhere', async ({ shop, tab, person }) => {
  const { frame, devices } = tab
  const other = await registeredClient(shop.address, person)
  await tab.welcome.signIn(person.email, PASSWORD)
  await frame.goTo('Devices')
  await devices.rename('Test computer', 'The studio')
  await expect(devices.device('The studio')).toBeVisible()
  await expect
    .poll(async () => (await other.call(identity.listDevices, {})).body.devices.map(({ name }) => name))
    .toContain('The studio')
})

test('J-L10 R-DC-04: signing out forgets the session and hides the library; files stay', async ({
  app,
  tab,
  person,
}) => {
  const { page, frame, welcome, library } = tab
  await signUp(tab, person)
  await buyTrack(tab, TITLE)
  await frame.goTo('Library')
  await expect(library.row(TITLE)).toContainText('Here')
  const files = await app.libraryFiles()
  expect(files).toHaveLength(1)
  expect(await app.secret(SESSION_SECRET)).not.toBeNull()

  await frame.signOut()
  await expect(page.getByRole('heading', { name: 'Sign in to MixMint' })).toBeVisible()
  expect(await app.secret(SESSION_SECRET)).toBeNull()
  await welcome.lookAround()
  await frame.goTo('Library')
  await expect(frame.content.getByRole('heading', { name: 'Sign in to see your library' })).toBeVisible()
  await expect(frame.content).not.toContainText(TITLE)
  expect(await app.libraryFiles()).toEqual(files)

  await frame.content.getByRole('link', { name: 'Sign in' }).click()
  await welcome.signIn(person.email, person.password)
  await frame.goTo('Library')
  await expect(library.row(TITLE)).toContainText('Here')
})
