import { type ReactNode, useState } from 'react'
import type { TrackFormat } from '../../../contract/catalogue.ts'
import type { LibraryItem } from '../../../contract/library.ts'
import { formatBytes } from '../format/bytes.ts'
import { useText } from '../text.ts'
import { Button } from '../ui/button.tsx'
import { Dialog } from '../ui/dialog.tsx'
import { formatHere } from './format-words.ts'
import { useStartDownload } from './use-start-download.ts'

interface FormatChoice {
  /** The format of the file that is here. */
  readonly here: TrackFormat['format'] | null
  /** Downloads as this format; where a file of another format is here, it explains first what becomes of it. */
  choose(format: TrackFormat): void
  /** The explanation, to be put anywhere on the screen. */
  readonly question: ReactNode
}

interface FormattedTrack {
  readonly id: string
  readonly title: string
  readonly artist: string
  readonly cover: string | null
}

/** Lets the user choose the format of a track, and switch it later. */
export function useFormatChoice(
  { id, title, artist, cover }: FormattedTrack,
  item: Pick<LibraryItem, 'fileName'> | null,
): FormatChoice {
  const t = useText()
  const here = formatHere(item)
  const [asked, setAsked] = useState<TrackFormat | null>(null)
  const { start } = useStartDownload()
  const begin = ({ format }: TrackFormat): void =>
    start({ contentType: 'track', contentId: id, title, artist, cover, format })
  function choose(format: TrackFormat): void {
    if (here === null) begin(format)
    else if (here !== format.format) setAsked(format)
  }
  const question =
    asked === null || here === null ? null : (
      <Dialog
        title={t('Replace the {former} by {next}?', {
          former: here.toUpperCase(),
          next: asked.format.toUpperCase(),
        })}
        onClose={() => setAsked(null)}
        footer={
          <div className="flex justify-end gap-2">
            <Button kind="quiet" onClick={() => setAsked(null)}>
              {t('Keep the {former}', { former: here.toUpperCase() })}
            </Button>
            <Button
              kind="primary"
              onClick={() => {
                begin(asked)
                setAsked(null)
              }}
            >
              {t('Replace, {size}', { size: formatBytes(asked.sizeBytes) })}
            </Button>
          </div>
        }
      >
        <p className="text-sm">
          {t('“{title}” is downloaded as {next} and verified; only then does it take the place of the {former} file.', {
            title,
            former: here.toUpperCase(),
            next: asked.format.toUpperCase(),
          })}
        </p>
        <p className="mt-2 text-muted text-sm">
          {t('Your crates keep the track, and their folders get the new file.')}
        </p>
      </Dialog>
    )
  return { here, choose, question }
}
