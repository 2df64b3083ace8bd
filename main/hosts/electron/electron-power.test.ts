import { expect, test, vi } from 'vitest'

const did: string[] = []
vi.mock('electron', () => ({
  powerSaveBlocker: {
    start: (kind: string) => did.push(`start ${kind}`),
    stop: (id: number) => void did.push(`stop ${id}`),
  },
}))

test('DL18: Electron keeps the computer from being suspended, not the screen from going dark, and stops what it started', async () => {
  const { createElectronPower } = await import('./electron-power.ts')
  const power = createElectronPower()
  power.keepAwake(false)
  power.keepAwake(true)
  power.keepAwake(true)
  power.keepAwake(false)
  power.keepAwake(false)
  power.keepAwake(true)
  expect(did).toEqual(['start prevent-app-suspension', 'stop 1', 'start prevent-app-suspension'])
})
