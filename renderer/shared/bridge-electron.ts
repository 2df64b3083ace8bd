import type { Bridge, ElectronBridge } from './bridge.ts'

/** The bridge inside Electron: two channels of the preload script, and the `media:` protocol for bytes. */
export function electronBridge(preload: ElectronBridge): Bridge {
  return {
    call: (name, input) => preload.call(name, input),
    subscribe: (listener) => preload.subscribe(listener),
    mediaAddress: (id) => Promise.resolve(`media://mixmint/${id}`),
  }
}
