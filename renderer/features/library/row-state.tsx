import { ArrowDownToLine, FolderOpen, RotateCw } from 'lucide-react'
import type { Download } from '../../../contract/delivery.ts'
import { type LibraryItem, library } from '../../../contract/library.ts'
import { useFreshDownload } from '../../shared/state/downloads.ts'
import { toasts } from '../../shared/state/toasts.ts'
import { useText } from '../../shared/text.ts'
import { StateChip } from '../../shared/track/state-chip.tsx'
import { trackStateOf } from '../../shared/track/track-state.ts'
import { useStartDownload } from '../../shared/track/use-start-download.ts'
import { useItemDownload } from '../../shared/track/use-track-facts.ts'
import { IconButton } from '../../shared/ui/icon-button.tsx'
import { useCommand } from '../../shared/use-call.ts'

/** Where an owned track is, as a chip, with its next step beside it. */
export function RowState({ item }: { item: LibraryItem }) {
  const t = useText()
  const download = useItemDownload(item)
  const { start } = useStartDownload()
  const show = useCommand(library.showInFolder, {
    onDone: ({ path, wasShown }) => {
      if (!wasShown) toasts.told(path)
    },
  })
  const { title, artist, cover, source, trackId } = item
  const state = trackStateOf({
    access: item.access,
    isFanOnly: false,
    isReady: item.track?.isReady ?? true,
    isConfirming: false,
    local: item.state,
    download: download?.status ?? null,
  })
  const begin = (): void => start({ ...source, title, artist, cover })
  return (
    <span className="flex w-full items-center justify-between gap-1">
      {download !== null && state === 'downloading' ? <Percent listed={download} /> : <StateChip state={state} />}
      {(state === 'owned' || state === 'in-plan') && (
        <IconButton icon={ArrowDownToLine} size="small" label={t('Download {title}', { title })} onClick={begin} />
      )}
      {(state === 'damaged' || state === 'missing') && (
        <IconButton icon={RotateCw} size="small" label={t('Download {title} again', { title })} onClick={begin} />
      )}
      {(state === 'here' || state === 'retagged') && (
        <IconButton
          icon={FolderOpen}
          size="small"
          label={t('Open the folder of {title}', { title })}
          onClick={() => show.mutate({ trackId })}
        />
      )}
    </span>
  )
}

function Percent({ listed }: { listed: Download }) {
  const { receivedBytes, totalBytes } = useFreshDownload(listed)
  const percent = totalBytes === null || totalBytes === 0 ? 0 : Math.floor((100 * receivedBytes) / totalBytes)
  return <StateChip state="downloading" detail={`${percent} %`} />
}
