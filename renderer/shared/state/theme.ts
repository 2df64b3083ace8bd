import type { Settings } from '../../../contract/app.ts'

const KEPT_AS = 'mixmint.theme'

/** Shows a theme, and remembers it so that the next start does not flash another. */
export function showTheme(theme: Settings['theme']): void {
  if (theme === 'system') delete document.documentElement.dataset['theme']
  else document.documentElement.dataset['theme'] = theme
  localStorage.setItem(KEPT_AS, theme)
}

/** The theme of the last time, until the settings are read. */
export function showRememberedTheme(): void {
  const kept = localStorage.getItem(KEPT_AS)
  if (kept === 'dark' || kept === 'light') document.documentElement.dataset['theme'] = kept
}
