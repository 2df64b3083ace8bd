import { type FormEvent, useState } from 'react'
import { useText } from '../../shared/text.ts'
import { Button } from '../../shared/ui/button.tsx'

const EXAMPLE: Readonly<Record<string, string>> = {
  artist: 'Kōji Nakata',
  title: 'Snow Line',
  bpm: '121',
  key: '5A',
  album: 'Winter Sets',
}

/** How files are named, with an example that follows the typing. */
export function FileNameTemplate({ value, onSave }: { value: string; onSave: (template: string) => void }) {
  const t = useText()
  const [typed, setTyped] = useState(value)
  const example = typed.replaceAll(/\{(\w+)\}/g, (whole, word: string) => EXAMPLE[word] ?? whole)
  const isChanged = typed.trim() !== value && typed.trim() !== ''
  return (
    <form
      className="flex min-w-64 flex-col gap-1"
      onSubmit={(event: FormEvent) => {
        event.preventDefault()
        if (isChanged) onSave(typed.trim())
      }}
    >
      <span className="flex gap-2">
        <input
          aria-label={t('File names')}
          value={typed}
          maxLength={200}
          spellCheck={false}
          onChange={(event) => setTyped(event.target.value)}
          className="h-9 min-w-0 grow rounded-control border border-edge bg-ground px-2.5 font-mono text-xs"
        />
        <Button type="submit" disabled={!isChanged}>
          {t('Save')}
        </Button>
      </span>
      <span className="truncate text-muted text-xs">{example}.mp3</span>
    </form>
  )
}
