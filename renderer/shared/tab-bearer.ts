const KEPT_AS = 'mixmint.tab'

/** What lets this tab speak to the host, kept until the tab closes; null when it has none. */
export function readTabBearer(): string | null {
  return sessionStorage.getItem(KEPT_AS)
}

/** Forgets a bearer that the host refused. False when the tab has another by now, so that a late refusal of a former one shuts nobody out. */
export function forgetTabBearer(refused: string): boolean {
  if ((readTabBearer() ?? refused) !== refused) return false
  sessionStorage.removeItem(KEPT_AS)
  return true
}

/** The secret of a launch link, from its fragment: `#link=<secret>`; null when there is none. */
export function secretOfLink(fragment: string): string | null {
  return /#(?:\/)?link=([\w-]{16,200})/.exec(fragment)?.[1] ?? null
}

/** Exchanges a launch secret for a bearer of this tab. False when the secret is not (or no longer) good. */
export async function openTab(secret: string): Promise<boolean> {
  const response = await fetch('/session', {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ secret }),
  })
  if (!response.ok) return false
  const { bearer } = (await response.json()) as { bearer: string }
  sessionStorage.setItem(KEPT_AS, bearer)
  return true
}
