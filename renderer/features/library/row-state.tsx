import { ArrowDownToLine, FolderOpen, RotateCw } from 'lucide-react'
import type { Download } from '../../../contract/delivery.ts'
import { type LibraryItem, library } from '../../../contract/library.ts'
import type { ErrorText } from '../../shared/error-text.ts'
import { useFreshDownload } from '../../shared/state/downloads.ts'
import { toasts } from '../../shared/state/toasts.ts'
import { useText } from '../../shared/text.ts'
import { StateChip } from '../../shared/track/state-chip.tsx'
import { trackStateOf } from '../../shared/track/track-state.ts'
import { useRepairTrack } from '../../shared/track/use-repair-track.ts'
import { useStartDownload } from '../../shared/track/use-start-download.ts'
import { useItemDownload } from '../../shared/track/use-track-facts.ts'
import { IconButton } from '../../shared/ui/icon-button.tsx'
import { Tooltip } from '../../shared/ui/tooltip.tsx'
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
  const repair = useRepairTrack({ trackId, title })
  const isBroken = state === 'damaged' || state === 'missing'
  const begin = (): void => start({ ...source, title, artist, cover })
  return (
    <span className="flex w-full items-center justify-between gap-1">
      {download !== null && state === 'downloading' ? (
        <Percent listed={download} />
      ) : isBroken && repair.isPending ? (
        <StateChip state="verifying" word={t('Reading…')} />
      ) : isBroken && repair.problem !== null ? (
        <Refusal problem={repair.problem} />
      ) : (
        <StateChip state={state} />
      )}
      {(state === 'owned' || state === 'in-plan') && (
        <IconButton icon={ArrowDownToLine} size="small" label={t('Download {title}', { title })} onClick={begin} />
      )}
      {isBroken && (
        <IconButton
          icon={RotateCw}
          size="small"
          label={t(state === 'damaged' ? 'Repair {title}' : 'Bring back {title}', { title })}
          disabled={repair.isPending}
          onClick={repair.start}
        />
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

function Refusal({ problem: { what, remedy } }: { problem: ErrorText }) {
  const t = useText()
  return (
    <Tooltip text={t(remedy)}>
      <span role="alert" title={t(what)} className="min-w-0 truncate text-coral text-sm">
        {t(what)}
      </span>
    </Tooltip>
  )
}

function Percent({ listed }: { listed: Download }) {
  const { receivedBytes, totalBytes } = useFreshDownload(listed)
  const percent = totalBytes === null || totalBytes === 0 ? 0 : Math.floor((100 * receivedBytes) / totalBytes)
  return <StateChip state="downloading" detail={`${percent} %`} />
}
