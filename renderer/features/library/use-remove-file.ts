import { type LibraryItem, library } from '../../../contract/library.ts'
import { toasts } from '../../shared/state/toasts.ts'
import { useText } from '../../shared/text.ts'
import { formatHere } from '../../shared/track/format-words.ts'
import { useStartDownload } from '../../shared/track/use-start-download.ts'
import { useCommand } from '../../shared/use-call.ts'

/** Removes the local file of a track; for ten seconds it offers to fetch the same again. */
export function useRemoveFile(item: LibraryItem): () => void {
  const t = useText()
  const { start } = useStartDownload()
  const { trackId, source, title, artist, cover } = item
  const here = formatHere(item)
  const isOther = here !== null && here !== item.format && source.contentType === 'track'
  const remove = useCommand(library.removeLocal, {
    refresh: [library.list],
    onDone: () =>
      toasts.undoable(t('The file of {title} was removed; you still own it', { title }), t('Download again'), () =>
        start({ ...source, title, artist, cover, ...(isOther ? { format: here } : {}) }),
      ),
  })
  return () => remove.mutate({ trackId })
}
