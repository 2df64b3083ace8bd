import { MutationObserver, QueryObserver } from '@tanstack/react-query'
import { afterEach, describe, expect, it } from 'vitest'
import type { Caller, Output } from '../../contract/call.ts'
import { delivery } from '../../contract/delivery.ts'
import { AppError } from '../../contract/errors.ts'
import { commandOptions, createQueries, patchAnswers } from './use-call.ts'

type List = Output<typeof delivery.list>

const list = (bytesPerSecond: number): List => ({
  downloads: [],
  isPaused: false,
  bytesPerSecond,
  limit: { bytesPerSecond: null, source: 'none', until: null },
  asksAboutMetered: false,
})

const closing: (() => void)[] = []
afterEach(() => {
  for (const close of closing.splice(0)) close()
})

/** A screen that shows the list. Its questions are answered by hand. */
function showList() {
  const queries = createQueries()
  const asked: ((answer: List) => void)[] = []
  const screen = new QueryObserver<List>(queries, {
    queryKey: [delivery.list.name, {}],
    queryFn: () => new Promise((resolve) => asked.push(resolve)),
  })
  closing.push(
    screen.subscribe(() => {}),
    () => queries.clear(),
  )
  const shown = () => screen.getCurrentResult().data
  return { queries, asked, shown }
}

/** Pauses everything, as a screen that shows it at once. */
function pauseAll(queries: ReturnType<typeof createQueries>, call: () => Promise<unknown>): Promise<unknown> {
  const command = commandOptions({ call: call as Caller }, queries, delivery.pauseAll, {
    showsFailure: true,
    optimistic: () => patchAnswers(queries, delivery.list, (former) => ({ ...former, isPaused: true })),
  })
  return new MutationObserver(queries, command).mutate({})
}

describe('R-MM-20: a command shows at once', () => {
  it('and a question that it gave up is asked again when it is answered, also the first one of all', async () => {
    const { queries, asked, shown } = showList()
    const done = pauseAll(queries, async () => ({ done: true }))
    await expect.poll(() => asked.length).toBe(2)
    asked[0]?.(list(1))
    asked[1]?.({ ...list(2), isPaused: true })
    await done
    expect(shown()).toMatchObject({ bytesPerSecond: 2, isPaused: true })
  })

  it('an answer from before it does not hide it, and a refusal takes it back', async () => {
    const { queries, asked, shown } = showList()
    asked[0]?.(list(1))
    await expect.poll(shown).toMatchObject({ isPaused: false })
    const again = queries.invalidateQueries({ queryKey: [delivery.list.name] })
    const { promise, reject } = Promise.withResolvers<never>()
    const refused = pauseAll(queries, () => promise)
    asked[1]?.(list(1))
    await again
    expect(shown()).toMatchObject({ isPaused: true })
    reject(new AppError('offline'))
    await expect.poll(() => asked.length).toBe(3)
    expect(shown()).toMatchObject({ isPaused: false })
    asked[2]?.(list(3))
    await expect(refused).rejects.toThrow(AppError)
    expect(shown()).toMatchObject({ bytesPerSecond: 3 })
  })
})
