import { useEffect, useMemo, useState } from 'react'
import { IntlProvider } from 'react-intl'
import { electronBridge } from '../shared/bridge-electron.ts'
import { httpBridge } from '../shared/bridge-http.ts'
import { createClient } from '../shared/client.tsx'
import { forgetTabBearer, openTab, readTabBearer, secretOfLink } from '../shared/tab-bearer.ts'
import { App } from './app.tsx'
import { LinkBox } from './link-box.tsx'

type Pass = 'opening' | 'open' | 'locked' | 'refused'

/** Lets the app in when it may speak to a core: at once inside Electron, with a launch link elsewhere. */
export function Gate() {
  const [pass, setPass] = useState<Pass>(() => firstPass())

  useEffect(() => {
    if (window.mixmint !== undefined) return
    const follow = (): void => {
      const secret = secretOfLink(location.hash)
      if (secret === null) return
      // The secret must not stay in the address bar or the history.
      history.replaceState(null, '', '#/')
      setPass('opening')
      void openTab(secret).then(
        (isOpen) => setPass(isOpen || readTabBearer() !== null ? 'open' : 'refused'),
        () => setPass('refused'),
      )
    }
    follow()
    addEventListener('hashchange', follow)
    return () => removeEventListener('hashchange', follow)
  }, [])

  return (
    <IntlProvider locale={navigator.language} defaultLocale={navigator.language}>
      {pass === 'open' && <OpenApp onLocked={() => setPass('locked')} />}
      {(pass === 'locked' || pass === 'refused') && <LinkBox wasRefused={pass === 'refused'} />}
    </IntlProvider>
  )
}

function firstPass(): Pass {
  if (window.mixmint !== undefined) return 'open'
  if (secretOfLink(location.hash) !== null) return 'opening'
  return readTabBearer() === null ? 'locked' : 'open'
}

function OpenApp({ onLocked }: { onLocked: () => void }) {
  const client = useMemo(() => {
    if (window.mixmint !== undefined) return createClient(electronBridge(window.mixmint))
    const bearer = readTabBearer() ?? ''
    return createClient(
      httpBridge(bearer, () => {
        if (forgetTabBearer(bearer)) onLocked()
      }),
    )
  }, [onLocked])
  return <App client={client} />
}
