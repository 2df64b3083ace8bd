import { useId } from 'react'
import { app } from '../../../contract/app.ts'
import { useText } from '../../shared/text.ts'
import { useAddToCrate } from '../../shared/track/add-to-crate.ts'
import { INPUT_CLASS } from '../../shared/ui/field.tsx'
import { useCall } from '../../shared/use-call.ts'

/** Where the music goes once it is paid: the library, and a crate if one is chosen. */
export function CrateChoice({ chosen, onChoose }: { chosen: string | null; onChoose: (id: string | null) => void }) {
  const t = useText()
  const id = useId()
  const { crates } = useAddToCrate()
  const { data: settings } = useCall(app.getSettings, {})
  return (
    <div className="mt-6 flex flex-col gap-2">
      {crates.length > 0 && (
        <>
          <label htmlFor={id} className="font-medium text-sm">
            {t('Put it into a crate')}
          </label>
          <select
            id={id}
            value={chosen ?? ''}
            onChange={(event) => onChoose(event.target.value === '' ? null : event.target.value)}
            className={INPUT_CLASS}
          >
            <option value="">{t('Only into the library')}</option>
            {crates.map(({ id: crateId, name }) => (
              <option key={crateId} value={crateId}>
                {name}
              </option>
            ))}
          </select>
        </>
      )}
      <p className="text-muted text-sm">
        {settings?.downloadAfterPurchase === false
          ? t('It waits in your library until you download it.')
          : t('It downloads to your library as soon as the payment is confirmed.')}
      </p>
    </div>
  )
}
