/** Calls `stop` once: on SIGTERM, SIGINT or SIGHUP, and, for a supervised process, when its standard input closes because the supervisor has died. */
export function endWithSupervisor(isSupervised: boolean, stop: () => Promise<void>): void {
  let hasBegun = false
  const begin = (): void => {
    if (hasBegun) return
    hasBegun = true
    void stop()
  }
  process.once('SIGTERM', begin).once('SIGINT', begin).once('SIGHUP', begin)
  if (!isSupervised) return
  process.stdin.resume()
  process.stdin.once('end', begin).once('close', begin).once('error', begin)
}
