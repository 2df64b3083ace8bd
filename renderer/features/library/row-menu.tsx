import { useNavigate } from '@tanstack/react-router'
import { Disc3, Ellipsis, FileMusic, FolderOpen, ScanLine, Trash2 } from 'lucide-react'
import { type LibraryItem, library } from '../../../contract/library.ts'
import { toasts } from '../../shared/state/toasts.ts'
import { useText } from '../../shared/text.ts'
import { formatWord } from '../../shared/track/format-words.ts'
import { useFormatChoice } from '../../shared/track/use-format-choice.tsx'
import { IconButton } from '../../shared/ui/icon-button.tsx'
import { Menu, MenuItem, MenuLine, MenuOption, SubMenu } from '../../shared/ui/menu.tsx'
import { useCommand } from '../../shared/use-call.ts'
import { useRemoveFile } from './use-remove-file.ts'

interface RowMenuProps {
  readonly item: LibraryItem
  readonly onRepair: () => void
}

/** Everything that can be done with one owned track. */
export function RowMenu({ item, onRepair }: RowMenuProps) {
  const t = useText()
  const navigate = useNavigate()
  const { trackId, title, formats, fileName } = item
  const { here, choose, question } = useFormatChoice({ ...item, id: trackId }, item)
  const removeFile = useRemoveFile(item)
  const show = useCommand(library.showInFolder, {
    onDone: ({ path, wasShown }) => {
      if (!wasShown) toasts.told(path)
    },
  })
  const isHere = fileName !== null
  return (
    <>
      <Menu trigger={<IconButton icon={Ellipsis} size="small" label={t('More for {title}', { title })} />}>
        <MenuItem icon={Disc3} onSelect={() => void navigate({ to: '/track/$id', params: { id: trackId } })}>
          {t('Show in the store')}
        </MenuItem>
        {isHere && (
          <MenuItem icon={FolderOpen} onSelect={() => show.mutate({ trackId })}>
            {t('Open folder')}
          </MenuItem>
        )}
        {formats.length > 1 && (
          <SubMenu icon={FileMusic} word={t('Download as…')}>
            {formats.map((each) => (
              <MenuOption key={each.format} isChosen={each.format === here} onSelect={() => choose(each)}>
                {formatWord(each)}
              </MenuOption>
            ))}
          </SubMenu>
        )}
        {(isHere || item.state === 'missing') && (
          <MenuItem icon={ScanLine} onSelect={onRepair}>
            {t('Verify and repair…')}
          </MenuItem>
        )}
        {isHere && (
          <>
            <MenuLine />
            <MenuItem icon={Trash2} onSelect={removeFile}>
              {t('Remove file')}
            </MenuItem>
          </>
        )}
      </Menu>
      {question}
    </>
  )
}
