import { useEffect } from 'react'
import { app } from '../../contract/app.ts'
import { showTheme } from './state/theme.ts'
import { useCall } from './use-call.ts'

/** Keeps the page in the theme of the settings. */
export function useTheme(): void {
  const { data } = useCall(app.getSettings, {})
  const theme = data?.theme
  useEffect(() => {
    if (theme !== undefined) showTheme(theme)
  }, [theme])
}
