import { expect, test } from 'vitest'
import type { Caller } from '../../../../contract/call.ts'
import type { Cli } from '../command.ts'
import { buy } from './buy.ts'

const TRACK = '3b1f0a52-54cf-4a0b-9b0e-0a6a1c7d7a01'

function cliWhosePaymentStays(status: string): Cli & { readonly slept: () => number } {
  let slept = 0
  const payment = {
    id: 'p',
    status,
    total: { minor: 100, currency: 'INR' },
    items: [{ title: 'Tide' }],
    checkoutAddress: null,
  }
  const track = { id: TRACK, title: 'Tide', artist: 'Nia', cover: null }
  const call = (async ({ name }: { name: string }) =>
    name === 'catalogue.getTrack' ? track : payment) as unknown as Caller
  return {
    call,
    callByName: () => Promise.reject(new Error('not called')),
    folder: () => Promise.reject(new Error('not called')),
    isHostRunning: false,
    workingFolder: '/',
    note: () => {},
    readSecret: () => Promise.reject(new Error('not called')),
    async sleep() {
      slept += 1
    },
    slept: () => slept,
  }
}

test.each([
  ['pending', { wait: true }, 5],
  ['pending', {}, 0],
  ['failed', { wait: true }, 1],
])('a payment that stays %s, with %j, ends with %i', async (status, options, exitCode) => {
  const cli = cliWhosePaymentStays(status)
  const { failure } = await buy.run(cli, [TRACK], options)
  expect(failure?.exitCode ?? 0).toBe(exitCode)
  expect(cli.slept() > 0).toBe(exitCode === 5)
})
