import { Link } from '@tanstack/react-router'
import { errorText } from '../../shared/error-text.ts'
import { useText } from '../../shared/text.ts'
import { Button, buttonClass } from '../../shared/ui/button.tsx'
import { Dialog } from '../../shared/ui/dialog.tsx'
import type { Repair, RepairReport } from './use-repair.ts'

/** Checks files and, when asked to, fetches again what is damaged or missing; ends with what was found. */
export function RepairDialog({ repair }: { repair: Repair }) {
  const t = useText()
  const { count, isWorking, report, error } = repair
  return (
    <Dialog
      title={t('Verify and repair')}
      about={
        count === null
          ? t('Every file that is on this computer, read again and compared with what the store sold.')
          : t(
              '{count, plural, one {The chosen file} other {The # chosen files}}, read again and compared with what the store sold.',
              { count },
            )
      }
      onClose={repair.closed}
      footer={
        <div className="flex flex-wrap justify-end gap-2">
          {report === null ? (
            <>
              <Button disabled={isWorking} onClick={repair.checked}>
                {t('Check only')}
              </Button>
              <Button kind="primary" disabled={isWorking} onClick={repair.repaired}>
                {isWorking ? t('Reading the files…') : t('Verify and repair')}
              </Button>
            </>
          ) : (
            <>
              {(report.queued ?? 0) > 0 && (
                <Link to="/downloads" className={buttonClass()}>
                  {t('See the downloads')}
                </Link>
              )}
              {report.queued === null && report.damaged + report.missing > 0 && (
                <Button onClick={repair.repaired}>{t('Repair them')}</Button>
              )}
              <Button kind="primary" onClick={repair.closed}>
                {t('Close')}
              </Button>
            </>
          )}
        </div>
      }
    >
      {report === null ? (
        <div className="flex flex-col gap-2 text-sm">
          <p role="status">
            {isWorking
              ? t('The files are being read. You can close this; the result is told when it is there.')
              : t(
                  'Of a damaged file only the broken parts are fetched, and the old one stays until the new one is verified.',
                )}
          </p>
          <p className="text-muted">
            {t('Files that your DJ software has re-tagged are healthy and stay as they are.')}
          </p>
          {error !== null && (
            <p role="alert">
              <span className="font-medium text-coral">{t(errorText(error).what)}.</span> {t(errorText(error).remedy)}
            </p>
          )}
        </div>
      ) : (
        <Findings report={report} />
      )}
    </Dialog>
  )
}

function Findings({ report }: { report: RepairReport }) {
  const t = useText()
  const { checked, here, retagged, damaged, missing, queued } = report
  const isHealthy = damaged + missing === 0
  const rows: readonly (readonly [string, number, string])[] = [
    [t('As sold'), here, 'text-mint'],
    [t('Yours, re-tagged'), retagged, 'text-mint'],
    [t('Damaged'), damaged, damaged > 0 ? 'text-coral' : ''],
    [t('Missing'), missing, missing > 0 ? 'text-coral' : ''],
  ]
  return (
    <div className="flex flex-col gap-3 text-sm">
      <p role="status" className="font-medium">
        {isHealthy
          ? t('{count, plural, one {# file checked: it is} other {# files checked: all are}} healthy', {
              count: checked,
            })
          : t('{count, plural, one {# file} other {# files}} checked', { count: checked })}
      </p>
      <dl className="figures grid grid-cols-[1fr_auto] gap-x-4 gap-y-1.5">
        {rows.map(([word, count, colour]) => (
          <div key={word} className="contents">
            <dt className="text-muted">{word}</dt>
            <dd className={`text-right ${colour}`}>{count.toLocaleString()}</dd>
          </div>
        ))}
      </dl>
      {queued !== null && !isHealthy && (
        <p className="text-muted">
          {queued > 0
            ? t(
                '{count, plural, one {# repair is} other {# repairs are}} on the way: only what is broken is fetched.',
                {
                  count: queued,
                },
              )
            : t('The repairs are on their way already.')}
        </p>
      )}
    </div>
  )
}
