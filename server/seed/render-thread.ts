import { Worker } from 'node:worker_threads'
import type { RenderJob } from './render-job.ts'
import type { RenderReply, RenderRequest } from './render-worker.ts'

/** A thread that renders one job at a time. It starts with its first job, and again after it broke. */
export class RenderThread {
  #worker: Worker | undefined
  #stepsBack = false

  /** Resolves when the job's files are in the cache. Rejects if they can't be made, or if the thread ends before. */
  render(folder: string, job: RenderJob): Promise<void> {
    const worker = this.#started()
    return new Promise((resolve, reject) => {
      const settle = (error?: Error): void => {
        worker.off('message', onReply).off('error', settle).off('exit', onExit)
        if (error === undefined) resolve()
        else reject(error)
      }
      const onReply = (reply: RenderReply): void => settle(reply.done ? undefined : new Error(reply.message))
      const onExit = (): void => settle(new Error('The thread ended before it was done'))
      worker.on('message', onReply).on('error', settle).on('exit', onExit)
      send(worker, { do: 'render', folder, job })
    })
  }

  /** From now on it takes only the time that nobody else wants, where the system can do that. */
  stepBack(): void {
    this.#stepsBack = true
    if (this.#worker !== undefined) send(this.#worker, { do: 'step-back' })
  }

  /** Ends the thread, whatever it has in hand. */
  async end(): Promise<void> {
    await this.#worker?.terminate()
  }

  #started(): Worker {
    if (this.#worker !== undefined) return this.#worker
    const worker = new Worker(new URL('./render-worker.ts', import.meta.url))
    worker.once('exit', () => {
      if (this.#worker === worker) this.#worker = undefined
    })
    if (this.#stepsBack) send(worker, { do: 'step-back' })
    this.#worker = worker
    return worker
  }
}

function send(worker: Worker, request: RenderRequest): void {
  worker.postMessage(request)
}
