import { expect, test } from '@playwright/test'
import { startFakeHost } from '../_kit/fake-host.ts'
import { CratePages } from './pages/crate-pages.ts'
import { FramePage } from './pages/frame-page.ts'
import { expectAccessible, watchPage } from './pages/watched-page.ts'

test('DL15: a crate gets a template of its own, shown on its tracks while it is typed; it can be undone', async ({
  page,
}) => {
  await using host = await startFakeHost()
  const [friday] = host.state.crates
  for (const item of friday?.items ?? []) item.artist = friday?.items[0]?.artist ?? ''
  const frame = new FramePage(page)
  const { names } = new CratePages(page)
  const { complaints } = watchPage(page)
  await frame.open(host.link)
  await frame.places.getByRole('link', { name: /Friday/ }).click()
  await expect(names).toContainText('{artist} - {title} as in the settings')
  await names.getByRole('button', { name: 'Change file names' }).click()
  const input = names.getByRole('textbox', { name: 'File names of Friday' })
  const preview = names.getByRole('list', { name: 'How files will be named' })
  const [first] = friday?.items ?? []
  await input.fill('{bpm} {title}')
  await expect(preview.getByRole('listitem').first()).toHaveText(`${first?.bpm} ${first?.title}.mp3`)
  await input.fill('{bpm} {mood}')
  await expect(names).toContainText('Nothing is known by {mood}')
  await expect(input).toHaveAttribute('aria-invalid', 'true')
  await expect(names.getByRole('button', { name: 'Save' })).toBeDisabled()
  await input.fill('{artist}')
  await expect(names).toContainText(`taken and get a number: ${first?.artist} (2).mp3`)
  await expectAccessible(page)
  await input.fill(' {bpm} {title} ')
  await input.press('Enter')
  await expect(names).toContainText('{bpm} {title} for this crate alone')
  expect(friday?.fileNameTemplate).toBe('{bpm} {title}')
  await frame.messages.getByRole('button', { name: 'Undo' }).click()
  await expect(names).toContainText('as in the settings')
  expect(friday?.fileNameTemplate).toBeNull()
  expect(complaints).toEqual([])
})

test('DL15: the template of the settings has the same live look at real tracks', async ({ page }) => {
  await using host = await startFakeHost()
  const frame = new FramePage(page)
  await frame.open(host.link)
  await frame.goTo('Settings')
  const [track] = host.state.library
  const input = page.getByRole('textbox', { name: 'File names' })
  await input.fill('{title} – {artist}')
  await expect(page.getByRole('list', { name: 'How files will be named' })).toContainText(
    `${track?.title} – ${track?.artist}.mp3`,
  )
  await input.press('Enter')
  await expect.poll(() => host.state.settings.fileNameTemplate).toBe('{title} – {artist}')
})
