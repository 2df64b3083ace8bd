import { Signal } from 'lucide-react'
import { delivery } from '../../../contract/delivery.ts'
import { useText } from '../../shared/text.ts'
import { Button } from '../../shared/ui/button.tsx'
import { patchAnswers, useCommand } from '../../shared/use-call.ts'

/** Asks once whether downloads may use a connection that is paid by volume. */
export function MeteredQuestion() {
  const t = useText()
  const answer = useCommand(delivery.answerMetered, {
    refresh: [delivery.list],
    optimistic: (_input, queries) =>
      patchAnswers(queries, delivery.list, (list) => ({ ...list, asksAboutMetered: false })),
  })
  return (
    <section
      aria-label={t('Metered connection')}
      className="flex flex-wrap items-center gap-x-4 gap-y-3 rounded-panel border border-edge bg-panel p-4"
    >
      <Signal size={20} strokeWidth={1.5} className="shrink-0 text-amber" aria-hidden />
      <div role="status" className="min-w-0 grow basis-64">
        <p className="font-medium text-sm">{t('This connection is metered')}</p>
        <p className="text-muted text-sm">
          {t('You may pay for every gigabyte. Downloads wait until you say so, or until another connection is there.')}
        </p>
      </div>
      <div className="flex gap-2">
        <Button onClick={() => answer.mutate({ mayUse: false })}>{t('Wait')}</Button>
        <Button kind="primary" onClick={() => answer.mutate({ mayUse: true })}>
          {t('Use it')}
        </Button>
      </div>
    </section>
  )
}
