import { expect, test } from 'vitest'
import { readJsonLines } from './ndjson.ts'

function streamOf(...chunks: string[]): ReadableStream<Uint8Array> {
  const encoder = new TextEncoder()
  return new ReadableStream({
    start(controller) {
      for (const chunk of chunks) controller.enqueue(encoder.encode(chunk))
      controller.close()
    },
  })
}

async function all(stream: ReadableStream<Uint8Array>): Promise<unknown[]> {
  const values: unknown[] = []
  for await (const value of readJsonLines(stream)) values.push(value)
  return values
}

test('lines that are split over chunks, and several in one chunk, arrive whole and in order', async () => {
  expect(await all(streamOf('{"a":', '1}\n{"b":2}\n{"c"', ':3}\n'))).toEqual([{ a: 1 }, { b: 2 }, { c: 3 }])
})

test('empty lines are passed over', async () => {
  expect(await all(streamOf('\n\n{"a":1}\n\n'))).toEqual([{ a: 1 }])
})
