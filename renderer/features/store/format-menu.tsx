import { ChevronDown } from 'lucide-react'
import type { TrackSummary } from '../../../contract/catalogue.ts'
import type { LibraryItem } from '../../../contract/library.ts'
import { useText } from '../../shared/text.ts'
import { formatWord } from '../../shared/track/format-words.ts'
import { useFormatChoice } from '../../shared/track/use-format-choice.tsx'
import { Button } from '../../shared/ui/button.tsx'
import { Menu, MenuOption } from '../../shared/ui/menu.tsx'

/** Downloads an owned track in another of its formats; nothing where there is but one. */
export function FormatMenu({ track, item }: { track: TrackSummary; item: LibraryItem | null }) {
  const t = useText()
  const { here, choose, question } = useFormatChoice(track, item)
  if (track.formats.length < 2) return null
  return (
    <>
      <Menu
        trigger={
          <Button size="large">
            {t('Download as…')}
            <ChevronDown size={16} strokeWidth={1.5} aria-hidden />
          </Button>
        }
      >
        {track.formats.map((each) => (
          <MenuOption key={each.format} isChosen={each.format === here} onSelect={() => choose(each)}>
            {each.format === here ? t('{format} (here)', { format: formatWord(each) }) : formatWord(each)}
          </MenuOption>
        ))}
      </Menu>
      {question}
    </>
  )
}
