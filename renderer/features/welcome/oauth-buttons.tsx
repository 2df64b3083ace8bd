import { ExternalLink } from 'lucide-react'
import { app } from '../../../contract/app.ts'
import { identity } from '../../../contract/identity.ts'
import { useText } from '../../shared/text.ts'
import { Button, buttonClass } from '../../shared/ui/button.tsx'
import { CopyLine } from '../../shared/ui/copy-line.tsx'
import { useCommand } from '../../shared/use-call.ts'

const NAME = { google: 'Google' } as const

/** Signing in with another provider, in the browser; the address is a link and can be copied. */
export function OAuthButtons({ providers }: { providers: readonly (keyof typeof NAME)[] }) {
  const t = useText()
  const open = useCommand(app.openInBrowser)
  const start = useCommand(identity.startOAuth, {
    onDone: ({ address }) => {
      if (window.mixmint !== undefined) open.mutate({ address })
    },
  })
  if (providers.length === 0) return null
  const address = start.data?.address
  if (address !== undefined) {
    return (
      <div className="flex flex-col gap-2">
        <a href={address} target="_blank" rel="noreferrer" className={buttonClass('secondary', 'large')}>
          {t('Go on in the browser')}
          <ExternalLink size={16} strokeWidth={1.5} aria-hidden />
        </a>
        <CopyLine label={t('Address of the sign-in page')} value={address} />
        <p role="status" className="text-muted text-sm">
          {t('This goes on by itself once you have signed in there.')}
        </p>
      </div>
    )
  }
  return providers.map((provider) => (
    <Button key={provider} size="large" disabled={start.isPending} onClick={() => start.mutate({ provider })}>
      {t('Continue with {name}', { name: NAME[provider] })}
    </Button>
  ))
}
