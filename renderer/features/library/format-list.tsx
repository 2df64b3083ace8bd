import { CircleCheck } from 'lucide-react'
import type { LibraryItem } from '../../../contract/library.ts'
import { formatBytes } from '../../shared/format/bytes.ts'
import { useText } from '../../shared/text.ts'
import { useFormatChoice } from '../../shared/track/use-format-choice.tsx'
import { Button } from '../../shared/ui/button.tsx'

/** The formats of an owned track: which one is here, and what the others weigh. */
export function FormatList({ item }: { item: LibraryItem }) {
  const t = useText()
  const { here, choose, question } = useFormatChoice({ ...item, id: item.trackId }, item)
  if (item.formats.length < 2) return null
  return (
    <section className="border-line border-t pt-3 text-sm">
      <h3 className="mb-1 text-muted text-xs">{t('Formats')}</h3>
      <ul className="flex flex-col gap-1">
        {item.formats.map((each) => {
          const { format, sizeBytes, isMaster } = each
          const word = format.toUpperCase()
          return (
            <li key={format} className="flex h-8 items-center gap-2">
              <span className="w-11 font-medium">{word}</span>
              <span className="figures grow text-muted">
                {formatBytes(sizeBytes)}
                {isMaster && <> · {t('master')}</>}
              </span>
              {format === here ? (
                <span className="inline-flex items-center gap-1.5 text-mint">
                  <CircleCheck size={16} strokeWidth={1.5} aria-hidden />
                  {t('Here')}
                </span>
              ) : (
                <Button
                  size="small"
                  kind="quiet"
                  aria-label={
                    here === null
                      ? t('Download as {format}', { format: word })
                      : t('Replace by {format}', { format: word })
                  }
                  onClick={() => choose(each)}
                >
                  {here === null ? t('Download') : t('Replace')}
                </Button>
              )}
            </li>
          )
        })}
      </ul>
      {question}
    </section>
  )
}
