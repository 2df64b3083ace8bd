/**
 * Calls `stop` once, on SIGTERM or SIGINT, or when the supervisor's pipe (standard input) closes because the supervisor has died.
 * Only a supervised process watches its pipe: started by hand, its standard input may be closed from the start.
 */
export function endWithSupervisor(isSupervised: boolean, stop: () => Promise<void>): void {
  let hasBegun = false
  const begin = (): void => {
    if (hasBegun) return
    hasBegun = true
    void stop()
  }
  process.once('SIGTERM', begin).once('SIGINT', begin)
  if (!isSupervised) return
  process.stdin.resume()
  process.stdin.once('end', begin).once('close', begin).once('error', begin)
}
