const LOOK_EVERY_MS = 100

/** Resolves once `isTrue` answers true. Throws, naming what was waited for, after `longestMs` (default: a minute). */
export async function until(what: string, isTrue: () => Promise<boolean> | boolean, longestMs = 60_000): Promise<void> {
  const deadline = performance.now() + longestMs
  while (!(await isTrue())) {
    if (performance.now() > deadline) throw new Error(`Waited in vain until ${what}`)
    await new Promise((resolve) => setTimeout(resolve, LOOK_EVERY_MS))
  }
}
