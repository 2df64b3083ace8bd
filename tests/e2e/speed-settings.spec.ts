import { expect, test } from '@playwright/test'
import { fullState } from '../_kit/fake-host/shop-state.ts'
import { startFakeHost } from '../_kit/fake-host.ts'
import { FramePage } from './pages/frame-page.ts'
import { expectAccessible, watchPage } from './pages/watched-page.ts'

test('DL9: hours with their own limit are added, changed over midnight, and taken out, with the keys', async ({
  page,
}) => {
  await using host = await startFakeHost()
  const { complaints } = watchPage(page)
  const { keyboard } = page
  const frame = new FramePage(page)
  const schedule = (): unknown => host.state.settings.speedSchedule
  await frame.open(host.link)
  await frame.goTo('Settings')
  await page.getByRole('button', { name: 'Add hours' }).press('Enter')
  const line = page.getByRole('listitem', { name: 'Hours 1' })
  await expect(line).toBeVisible()
  await expect.poll(schedule).toHaveLength(1)

  await line.getByLabel('From').fill('22:00')
  await line.getByLabel('To').fill('05:30')
  await expect(line).toContainText('Over midnight: until 5:30 AM of the next day')
  for (const day of ['Monday', 'Tuesday', 'Wednesday', 'Thursday', 'Sunday']) {
    await line.getByRole('button', { name: day }).press(' ')
  }
  await line.getByLabel('Limit in these hours').selectOption('Hold everything')
  await expect.poll(schedule).toEqual([{ days: [5, 6], from: '22:00', to: '05:30', bytesPerSecond: 0 }])
  await expectAccessible(page)

  await line.getByRole('button', { name: 'Friday' }).press(' ')
  await line.getByRole('button', { name: 'Saturday' }).press(' ')
  await expect(line.getByRole('alert')).toContainText('Choose at least one day')
  await expect.poll(schedule).toEqual([{ days: [6], from: '22:00', to: '05:30', bytesPerSecond: 0 }])
  await line.getByRole('button', { name: 'Sunday' }).press(' ')
  await expect.poll(schedule).toMatchObject([{ days: [0] }])
  await line.getByLabel('To').fill('')
  await expect(line.getByRole('alert')).toContainText('Give both times')
  await line.getByLabel('To').fill('22:00')
  await expect(line).toContainText('A whole day: until 10:00 PM of the next day')

  await line.getByLabel('Limit in these hours').selectOption('Own value…')
  await keyboard.type('1.5')
  await keyboard.press('Enter')
  await expect.poll(schedule).toMatchObject([{ bytesPerSecond: 1_500_000 }])
  await page.getByRole('button', { name: 'Add hours' }).click()
  await expect(page.getByText('Where two lines meet, the upper one applies.')).toBeVisible()
  await line.getByRole('button', { name: 'Take these hours out' }).press('Enter')
  await expect.poll(schedule).toHaveLength(1)
  await frame.messages.getByRole('button', { name: 'Undo' }).click()
  await expect.poll(schedule).toHaveLength(2)
  expect(complaints).toEqual([])
})

test('DL9: the speed limit takes a value of the user, and says what is wrong with one', async ({ page }) => {
  await using host = await startFakeHost()
  const frame = new FramePage(page)
  await frame.open(host.link)
  await frame.goTo('Settings')
  const speed = page.getByRole('region', { name: 'Speed', exact: true })
  await speed.getByRole('combobox', { name: 'Speed limit' }).selectOption('Own value…')
  const own = speed.getByRole('textbox', { name: 'Speed limit: own value in MB/s' })
  await expect(own).toBeFocused()
  for (const [typed, told] of [
    ['', 'Type a speed'],
    ['0', 'The least is 0.01 MB/s'],
    ['20000', 'The most is 10,000 MB/s'],
    ['quick', 'Type a number'],
  ] as const) {
    await own.fill(typed)
    await own.press('Enter')
    await expect(speed.getByRole('alert').filter({ hasText: told })).toBeVisible()
  }
  expect(host.state.settings.bandwidthLimit).toBeNull()
  await own.fill('0.25')
  await own.press('Enter')
  await expect(speed.getByRole('combobox', { name: 'Speed limit' })).toHaveValue('250000')
  expect(host.state.settings.bandwidthLimit).toBe(250_000)
})

test('DL9 DL10: room for others, metered connections, staying awake and sleep are settings', async ({ page }) => {
  await using host = await startFakeHost()
  const frame = new FramePage(page)
  await frame.open(host.link)
  await frame.goTo('Settings')
  await page.getByRole('combobox', { name: 'Leave room for others' }).selectOption('30 %')
  await page.getByRole('combobox', { name: 'On a metered connection' }).selectOption('Wait for another one')
  await page.getByRole('combobox', { name: 'This connection is metered' }).selectOption('Yes')
  await page.getByRole('switch', { name: 'Keep the computer awake' }).click()
  await page.getByRole('combobox', { name: 'When the queue has run empty' }).selectOption('Send the computer to sleep')
  await expect
    .poll(() => host.state.settings)
    .toMatchObject({
      headroomPercent: 30,
      onMetered: 'wait',
      meteredConnection: 'yes',
      keepAwake: false,
      afterQueue: 'sleep',
    })
})

test('a refused change of the schedule goes back to what it was, with the reason', async ({ page }) => {
  const state = fullState()
  state.settings.speedSchedule = [{ days: [1], from: '08:00', to: '09:00', bytesPerSecond: 1_000_000 }]
  await using host = await startFakeHost(state)
  const frame = new FramePage(page)
  await frame.open(host.link)
  await frame.goTo('Settings')
  host.fail('app.changeSettings', 'disk-error')
  const line = page.getByRole('listitem', { name: 'Hours 1' })
  await line.getByLabel('To').fill('10:00')
  await expect(frame.messages).toContainText('The disk reported an error')
  await expect(line.getByLabel('To')).toHaveValue('09:00')
})
