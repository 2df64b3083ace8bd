import { type FormEvent, useState } from 'react'
import { secretOfLink } from '../shared/tab-bearer.ts'
import { useText } from '../shared/text.ts'
import { Button } from '../shared/ui/button.tsx'
import { Field } from '../shared/ui/field.tsx'
import { Logo } from '../shared/ui/logo.tsx'

/** What a tab without a bearer shows: where the link is, and a box to paste it into. */
export function LinkBox({ wasRefused }: { wasRefused: boolean }) {
  const t = useText()
  const [isWrong, setWrong] = useState(false)
  function submit(event: FormEvent<HTMLFormElement>): void {
    event.preventDefault()
    const pasted = String(new FormData(event.currentTarget).get('link') ?? '').trim()
    const secret = secretOfLink(pasted) ?? (/^[\w-]{16,200}$/.test(pasted) ? pasted : null)
    if (secret === null) setWrong(true)
    else location.hash = `#link=${secret}`
  }
  const error = isWrong
    ? t('That is not a MixMint link. It ends with #link= and many letters.')
    : wasRefused
      ? t('This link is no longer good. MixMint prints a new one at each start.')
      : undefined
  return (
    <main className="flex h-full items-center justify-center overflow-y-auto p-6">
      <form onSubmit={submit} className="flex w-full max-w-md flex-col gap-6">
        <Logo />
        <div className="flex flex-col gap-2">
          <h1 className="font-semibold text-xl">{t('Open this tab with your link')}</h1>
          <p className="text-muted">
            {t(
              'MixMint runs on this computer and lets in only those who have its link. You find it where you started MixMint, under “Open MixMint in a browser”.',
            )}
          </p>
        </div>
        <Field
          label={t('Paste your link')}
          name="link"
          type="text"
          autoComplete="off"
          spellCheck={false}
          placeholder="http://127.0.0.1:4870/#link=…"
          error={error}
          autoFocus
        />
        <Button type="submit" kind="primary" size="large">
          {t('Open MixMint')}
        </Button>
      </form>
    </main>
  )
}
