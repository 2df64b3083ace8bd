import { CircleCheck, TriangleAlert, X } from 'lucide-react'
import { useEffect, useState } from 'react'
import { type Toast, toasts, useToasts } from '../state/toasts.ts'
import { useText } from '../text.ts'
import { Button } from './button.tsx'
import { IconButton } from './icon-button.tsx'

/** Where toasts appear; a polite live region that is always there, so that screen readers hear what comes. */
export function ToastRegion() {
  const t = useText()
  const shown = useToasts()
  return (
    <section
      aria-label={t('Messages')}
      aria-live="polite"
      className="pointer-events-none fixed right-4 bottom-22 z-50 flex w-96 max-w-[calc(100vw-2rem)] flex-col gap-2"
    >
      {shown.map((toast) => (
        <ToastCard key={toast.id} toast={toast} />
      ))}
    </section>
  )
}

function ToastCard({ toast }: { toast: Toast }) {
  const t = useText()
  const [isHeld, setHeld] = useState(false)
  useEffect(() => {
    if (isHeld) return
    const timer = setTimeout(() => toasts.dismissed(toast.id), toast.staysMs)
    return () => clearTimeout(timer)
  }, [toast.id, toast.staysMs, isHeld])
  const { action } = toast
  return (
    // biome-ignore lint/a11y/noStaticElementInteractions: hovering or focusing only holds the message on the screen.
    <div
      onMouseEnter={() => setHeld(true)}
      onMouseLeave={() => setHeld(false)}
      onFocus={() => setHeld(true)}
      onBlur={() => setHeld(false)}
      className="rise-in pointer-events-auto flex items-start gap-3 rounded-panel border border-edge bg-raised px-4 py-3"
    >
      {toast.kind === 'failed' ? (
        <TriangleAlert size={20} strokeWidth={1.5} className="mt-px shrink-0 text-coral" aria-hidden />
      ) : (
        <CircleCheck size={20} strokeWidth={1.5} className="mt-px shrink-0 text-mint" aria-hidden />
      )}
      <div className="min-w-0 grow text-sm">
        <p className="font-medium">{t(toast.title)}</p>
        {toast.remedy !== null && <p className="text-muted">{t(toast.remedy)}</p>}
      </div>
      {action !== null && (
        <Button
          size="small"
          kind="quiet"
          className="text-mint"
          onClick={() => {
            action.run()
            toasts.dismissed(toast.id)
          }}
        >
          {action.label}
        </Button>
      )}
      <IconButton icon={X} label={t('Dismiss')} size="small" onClick={() => toasts.dismissed(toast.id)} />
    </div>
  )
}
