import { setPriority } from 'node:os'
import { parentPort } from 'node:worker_threads'
import { render } from './render.ts'
import type { RenderJob } from './render-job.ts'

/** What the pool says to a worker. */
export type RenderRequest =
  | { readonly do: 'render'; readonly folder: string; readonly job: RenderJob }
  | { readonly do: 'step-back' }

/** What a worker answers to each `render`. */
export type RenderReply = { readonly done: true } | { readonly done: false; readonly message: string }

parentPort?.on('message', (request: RenderRequest) => {
  if (request.do === 'step-back') stepBack()
  else void answer(request.folder, request.job)
})

async function answer(folder: string, job: RenderJob): Promise<void> {
  const reply: RenderReply = await render(folder, job).then(
    () => ({ done: true }),
    (error: unknown) => ({ done: false, message: error instanceof Error ? error.message : String(error) }),
  )
  parentPort?.postMessage(reply)
}

/** Leaves the processor to whoever wants it. Only Linux gives a thread a priority of its own. */
function stepBack(): void {
  if (process.platform === 'linux') setPriority(0, 19)
}
