import { type FormEvent, useId } from 'react'
import type { z } from 'zod'
import { catalogue, type TrackSort } from '../../../contract/catalogue.ts'
import { type Operator, operatorValue, withOperator } from '../../shared/query-language.ts'
import { useText } from '../../shared/text.ts'
import { Button } from '../../shared/ui/button.tsx'
import { useCall } from '../../shared/use-call.ts'

const KEYS = Array.from({ length: 12 }, (_, step) => [`${step + 1}A`, `${step + 1}B`]).flat()
const BOX = 'h-9 rounded-control border border-edge bg-ground px-2.5 text-sm text-text hover:border-text'

interface SearchFiltersProps {
  readonly text: string
  readonly sort: z.infer<typeof TrackSort>
  readonly onChange: (text: string, sort?: string) => void
}

/** The filters of the store: each one writes its operator into the query, so that both always agree. */
export function SearchFilters({ text, sort, onChange }: SearchFiltersProps) {
  const t = useText()
  const { data } = useCall(catalogue.listGenres, {})
  const set = (operator: Operator, value: string): void =>
    onChange(withOperator(text, operator, value === '' ? null : value))
  const hasFilters = (['genre', 'bpm', 'key', 'price', 'owned', 'dj'] as const).some(
    (operator) => operatorValue(text, operator) !== null,
  )
  const key = operatorValue(text, 'key')
  return (
    <fieldset className="flex flex-wrap items-end gap-x-4 gap-y-3">
      <legend className="sr-only">{t('Filters')}</legend>
      <Choice label={t('Genre')} value={operatorValue(text, 'genre') ?? ''} onChoose={(value) => set('genre', value)}>
        <option value="">{t('All')}</option>
        {data?.genres.map(({ slug, name }) => (
          <option key={slug} value={slug}>
            {name}
          </option>
        ))}
      </Choice>
      <RangeBox key={`bpm ${operatorValue(text, 'bpm')}`} label={t('BPM')} operator="bpm" text={text} onSet={set} />
      <Choice label={t('Key')} value={key ?? ''} onChoose={(value) => set('key', value)}>
        <option value="">{t('All')}</option>
        {KEYS.map((code) => (
          <option key={code} value={key?.startsWith('~') === true ? `~${code}` : code}>
            {code}
          </option>
        ))}
      </Choice>
      <label className="flex h-9 items-center gap-2 text-sm">
        <input
          type="checkbox"
          className="size-4 accent-mint"
          disabled={key === null}
          checked={key?.startsWith('~') ?? false}
          onChange={(event) => set('key', `${event.target.checked ? '~' : ''}${(key ?? '').replace('~', '')}`)}
        />
        {t('and keys that mix')}
      </label>
      <RangeBox
        key={`price ${operatorValue(text, 'price')}`}
        label={t('Price, ₹')}
        operator="price"
        text={text}
        onSet={set}
      />
      <Choice label={t('Owned')} value={operatorValue(text, 'owned') ?? ''} onChoose={(value) => set('owned', value)}>
        <option value="">{t('All')}</option>
        <option value="no">{t('Not yet')}</option>
        <option value="yes">{t('Owned')}</option>
      </Choice>
      <Choice label={t('Sort by')} value={sort} onChoose={(value) => onChange(text, value)}>
        <option value="newest">{t('Newest')}</option>
        <option value="relevance">{t('Best match')}</option>
        <option value="title">{t('Title')}</option>
        <option value="artist">{t('Artist')}</option>
        <option value="bpm">{t('BPM')}</option>
        <option value="price">{t('Price')}</option>
      </Choice>
      {hasFilters && (
        <Button
          kind="quiet"
          onClick={() =>
            onChange(
              (['genre', 'bpm', 'key', 'price', 'owned', 'dj'] as const).reduce(
                (rest, operator) => withOperator(rest, operator, null),
                text,
              ),
            )
          }
        >
          {t('Clear filters')}
        </Button>
      )}
    </fieldset>
  )
}

interface ChoiceProps {
  readonly label: string
  readonly value: string
  readonly onChoose: (value: string) => void
  readonly children: React.ReactNode
}

function Choice({ label, value, onChoose, children }: ChoiceProps) {
  const id = useId()
  return (
    <div className="flex flex-col gap-1">
      <label htmlFor={id} className="text-muted text-xs">
        {label}
      </label>
      <select id={id} className={BOX} value={value} onChange={(event) => onChoose(event.target.value)}>
        {children}
      </select>
    </div>
  )
}

interface RangeBoxProps {
  readonly label: string
  readonly operator: 'bpm' | 'price'
  readonly text: string
  readonly onSet: (operator: Operator, value: string) => void
}

/** From and to; Enter or leaving the fields applies. */
function RangeBox({ label, operator, text, onSet }: RangeBoxProps) {
  const t = useText()
  const value = operatorValue(text, operator) ?? ''
  const [from = '', to = ''] = value.startsWith('<')
    ? ['', value.replace(/^<=?/, '')]
    : value.startsWith('>')
      ? [value.replace(/^>=?/, ''), '']
      : value.includes('-')
        ? value.split('-')
        : [value, value]
  function apply(form: HTMLFormElement): void {
    const fields = new FormData(form)
    const [least, most] = [String(fields.get('from') ?? ''), String(fields.get('to') ?? '')]
    const next =
      least === '' && most === '' ? '' : least === '' ? `<${most}` : most === '' ? `>${least}` : `${least}-${most}`
    if (next !== value) onSet(operator, next)
  }
  return (
    <form
      className="flex flex-col gap-1"
      onSubmit={(event: FormEvent<HTMLFormElement>) => {
        event.preventDefault()
        apply(event.currentTarget)
      }}
      onBlur={(event) => {
        if (!event.currentTarget.contains(event.relatedTarget)) apply(event.currentTarget)
      }}
    >
      <span className="text-muted text-xs" aria-hidden>
        {label}
      </span>
      <span className="flex items-center gap-1.5">
        <input
          name="from"
          inputMode="decimal"
          defaultValue={from}
          aria-label={t('{label} from', { label })}
          className={`${BOX} figures w-16`}
        />
        <span className="text-muted" aria-hidden>
          –
        </span>
        <input
          name="to"
          inputMode="decimal"
          defaultValue={to}
          aria-label={t('{label} to', { label })}
          className={`${BOX} figures w-16`}
        />
        <button type="submit" className="sr-only">
          {t('Apply')}
        </button>
      </span>
    </form>
  )
}
