/** What this process used, worker threads included. */
export interface Usage {
  /** User and system time. */
  readonly cpuSeconds: number
  /** The most memory it ever held, bytes. */
  readonly peakBytes: number
}

export function usageSoFar(): Usage {
  const { userCPUTime, systemCPUTime, maxRSS } = process.resourceUsage()
  return { cpuSeconds: (userCPUTime + systemCPUTime) / 1e6, peakBytes: maxRSS * 1024 }
}
