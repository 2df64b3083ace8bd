const KEPT_AS = 'mixmint.browsing'

/** Whether the user chose to look around the store without an account, in this tab. */
export function hasChosenToBrowse(): boolean {
  return sessionStorage.getItem(KEPT_AS) === 'yes'
}

export function chooseToBrowse(): void {
  sessionStorage.setItem(KEPT_AS, 'yes')
}

/** Shows the welcome screen again: after signing out. */
export function forgetToBrowse(): void {
  sessionStorage.removeItem(KEPT_AS)
}
