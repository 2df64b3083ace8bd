import {
  ArrowDown,
  ArrowUp,
  CopyCheck,
  Ellipsis,
  FastForward,
  FileMusic,
  Gauge,
  ListStart,
  Pause,
  Play,
  Trash2,
} from 'lucide-react'
import { useState } from 'react'
import { type Download, delivery } from '../../../contract/delivery.ts'
import { useClient } from '../../shared/client.tsx'
import { errorText } from '../../shared/error-text.ts'
import { SpeedForm } from '../../shared/speed/speed-form.tsx'
import { SPEEDS, speedWord } from '../../shared/speed/speed-words.ts'
import { toasts } from '../../shared/state/toasts.ts'
import { useText } from '../../shared/text.ts'
import { formatWord } from '../../shared/track/format-words.ts'
import { useFormatChoice } from '../../shared/track/use-format-choice.tsx'
import { useLibraryItem } from '../../shared/track/use-track-facts.ts'
import { Dialog } from '../../shared/ui/dialog.tsx'
import { IconButton } from '../../shared/ui/icon-button.tsx'
import { Menu, MenuItem, MenuLine, MenuOption, SubMenu } from '../../shared/ui/menu.tsx'
import { useCommand } from '../../shared/use-call.ts'
import { hasEnded, mayPause } from './may.ts'
import type { Reorder } from './use-reorder.ts'

interface DownloadMenuProps {
  readonly download: Download
  /** Its neighbours among those that wait; undefined at the ends, and outside. */
  readonly before: Download | undefined
  readonly after: Download | undefined
  readonly isWaiting: boolean
  readonly reorder: Reorder
  readonly onPause: () => void
  readonly onResume: () => void
  readonly onTakeOut: () => void
}

/** Everything that can be done with one download. */
export function DownloadMenu(props: DownloadMenuProps) {
  const { download, before, after, isWaiting, reorder, onPause, onResume, onTakeOut } = props
  const t = useText()
  const { id: downloadId, title, status, content, bytesPerSecondLimit } = download
  const [isTyping, setTyping] = useState(false)
  const now = useCommand(delivery.downloadNow, { refresh: [delivery.list] })
  const limit = useCommand(delivery.limitDownload, { refreshAfterFailure: [delivery.list] })
  const copyDiagnostics = useCopyDiagnostics(download)
  const item = useLibraryItem(content.contentId)
  const formats = content.contentType === 'track' ? (item?.formats ?? []) : []
  const { choose, question } = useFormatChoice({ ...download, id: content.contentId }, item)
  const isOpen = !hasEnded(status)
  const setLimit = (bytesPerSecond: number | null): void => limit.mutate({ downloadId, bytesPerSecond })
  return (
    <>
      <Menu
        trigger={
          <IconButton icon={Ellipsis} size="small" label={t('More for {title}', { title })} data-control="menu" />
        }
      >
        {isWaiting && (
          <>
            <MenuItem icon={FastForward} onSelect={() => now.mutate({ downloadId })}>
              {t('Download now')}
            </MenuItem>
            <MenuItem icon={ListStart} isDisabled={before === undefined} onSelect={() => reorder.madeNext(download)}>
              {t('Download next')}
            </MenuItem>
            <MenuItem
              icon={ArrowUp}
              isDisabled={before === undefined}
              onSelect={() => reorder.movedTo(download, before)}
            >
              {t('Move up')}
            </MenuItem>
            <MenuItem
              icon={ArrowDown}
              isDisabled={after === undefined}
              onSelect={() => reorder.movedTo(download, after)}
            >
              {t('Move down')}
            </MenuItem>
            <MenuLine />
          </>
        )}
        {mayPause(status) && (
          <MenuItem icon={Pause} onSelect={onPause}>
            {t('Pause')}
          </MenuItem>
        )}
        {status === 'paused' && (
          <MenuItem icon={Play} onSelect={onResume}>
            {t('Continue')}
          </MenuItem>
        )}
        {isOpen && (
          <SubMenu icon={Gauge} word={t('Speed limit for this download')}>
            {[null, ...SPEEDS, 0].map((speed) => (
              <MenuOption key={speed} isChosen={bytesPerSecondLimit === speed} onSelect={() => setLimit(speed)}>
                {speed === 0 ? t('Hold this one') : speedWord(t, speed)}
              </MenuOption>
            ))}
            <MenuOption
              isChosen={
                bytesPerSecondLimit !== null && bytesPerSecondLimit !== 0 && !SPEEDS.includes(bytesPerSecondLimit)
              }
              onSelect={() => setTyping(true)}
            >
              {t('Own value…')}
            </MenuOption>
          </SubMenu>
        )}
        {formats.length > 1 && (
          <SubMenu icon={FileMusic} word={t('Download as…')}>
            {formats.map((each) => (
              <MenuOption
                key={each.format}
                isChosen={download.format === null ? each.isMaster : download.format === each.format}
                onSelect={() => choose(each)}
              >
                {formatWord(each)}
              </MenuOption>
            ))}
          </SubMenu>
        )}
        <MenuItem icon={CopyCheck} onSelect={copyDiagnostics}>
          {t('Copy diagnostics')}
        </MenuItem>
        {isOpen && (
          <>
            <MenuLine />
            <MenuItem icon={Trash2} isDanger onSelect={onTakeOut}>
              {t('Take out')}
            </MenuItem>
          </>
        )}
      </Menu>
      {question}
      {isTyping && (
        <Dialog title={t('Speed limit for this download')} about={title} onClose={() => setTyping(false)}>
          <SpeedForm
            takesFocus
            label={t('Speed in MB/s')}
            value={bytesPerSecondLimit}
            onSave={(speed) => {
              setLimit(speed)
              setTyping(false)
            }}
          />
        </Dialog>
      )}
    </>
  )
}

function useCopyDiagnostics({ id: downloadId }: Download): () => void {
  const t = useText()
  const client = useClient()
  async function copy(): Promise<void> {
    const { text } = await client.call(delivery.diagnose, { downloadId })
    await navigator.clipboard.writeText(text)
  }
  return () =>
    void copy().then(
      () => toasts.told(t('Copied. It names no file, address or permission.')),
      (error: unknown) => toasts.failed(errorText(error)),
    )
}
