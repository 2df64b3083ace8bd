import { useNavigate } from '@tanstack/react-router'
import { useState } from 'react'
import { identity } from '../../../contract/identity.ts'
import { forgetToBrowse } from '../../shared/state/browsing.ts'
import { useText } from '../../shared/text.ts'
import { Button } from '../../shared/ui/button.tsx'
import { Dialog } from '../../shared/ui/dialog.tsx'
import { useCommand } from '../../shared/use-call.ts'

/** Forgetting a key can not be taken back, so it asks. */
export function ForgetDevice() {
  const t = useText()
  const navigate = useNavigate()
  const [isAsking, setAsking] = useState(false)
  const forget = useCommand(identity.forgetThisDevice, {
    answers: identity.state,
    onDone: () => {
      forgetToBrowse()
      void navigate({ to: '/welcome' })
    },
  })
  return (
    <>
      <Button kind="danger" onClick={() => setAsking(true)}>
        {t('Forget…')}
      </Button>
      {isAsking && (
        <Dialog
          title={t('Forget this computer?')}
          onClose={() => setAsking(false)}
          footer={
            <div className="flex justify-end gap-2">
              <Button kind="quiet" onClick={() => setAsking(false)}>
                {t('Keep it')}
              </Button>
              <Button kind="danger" disabled={forget.isPending} onClick={() => forget.mutate({})}>
                {t('Forget this computer')}
              </Button>
            </div>
          }
        >
          <p className="text-sm">
            {t(
              'Its key is deleted and can not be brought back. Files that are here stay and play; downloads stop until you sign in again.',
            )}
          </p>
        </Dialog>
      )}
    </>
  )
}
