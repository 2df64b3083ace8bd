import type { Genre } from '../../../contract/catalogue.ts'
import { useText } from '../../shared/text.ts'
import { classNames } from '../../shared/ui/class-names.ts'

interface GenreChipsProps {
  readonly genres: readonly Genre[]
  readonly chosen?: string | null
  readonly onChoose: (slug: string) => void
}

/** The genres with how many tracks each has. */
export function GenreChips({ genres, chosen = null, onChoose }: GenreChipsProps) {
  const t = useText()
  return (
    <fieldset className="flex flex-wrap gap-2">
      <legend className="sr-only">{t('Genres')}</legend>
      {genres.map(({ slug, name, trackCount }) => (
        <button
          key={slug}
          type="button"
          aria-pressed={slug === chosen}
          onClick={() => onChoose(slug)}
          className={classNames(
            'flex h-8 items-center gap-2 rounded-full border px-3 text-sm transition-colors',
            slug === chosen
              ? 'border-mint bg-mint-wash font-medium text-text'
              : 'border-line text-text hover:border-edge hover:bg-hover',
          )}
        >
          {name}
          <span className="figures text-muted text-xs">{trackCount}</span>
        </button>
      ))}
    </fieldset>
  )
}
