import type { Reply } from '../../contract/errors.ts'

/** How the renderer reaches the core, whatever host stands between them. */
export interface Bridge {
  call(name: string, input: unknown): Promise<Reply<unknown>>
  /** The answer stops it. */
  subscribe(listener: (event: unknown) => void): () => void
  /** An address from which `<img>`, `<audio>` and `fetch` may read a picture or sound, good for at least half an hour. */
  mediaAddress(id: string): Promise<string>
}

/** What the preload script offers. */
export interface ElectronBridge {
  call(name: string, input: unknown): Promise<Reply<unknown>>
  subscribe(listener: (event: unknown) => void): () => void
}

declare global {
  interface Window {
    readonly mixmint?: ElectronBridge
  }
}
