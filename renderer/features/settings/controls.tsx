import { Switch as Radix } from 'radix-ui'

/** On or off, applied at once. */
export function Switch({ label, isOn, onChange }: { label: string; isOn: boolean; onChange: (isOn: boolean) => void }) {
  return (
    <Radix.Root
      aria-label={label}
      checked={isOn}
      onCheckedChange={onChange}
      className="h-6 w-10 shrink-0 rounded-full border border-edge bg-ground p-0.5 transition-colors data-[state=checked]:border-mint data-[state=checked]:bg-mint-fill"
    >
      <Radix.Thumb className="block size-4.5 rounded-full bg-muted transition-transform data-[state=checked]:translate-x-4 data-[state=checked]:bg-on-mint" />
    </Radix.Root>
  )
}

interface ChoiceProps {
  readonly label: string
  readonly value: string
  readonly options: readonly (readonly [value: string, word: string])[]
  readonly onChoose: (value: string) => void
}

/** One of a few values, applied at once. */
export function Choice({ label, value, options, onChoose }: ChoiceProps) {
  return (
    <select
      aria-label={label}
      value={value}
      onChange={(event) => onChoose(event.target.value)}
      className="h-9 min-w-32 rounded-control border border-edge bg-ground px-2.5 text-sm hover:border-text"
    >
      {options.map(([option, word]) => (
        <option key={option} value={option}>
          {word}
        </option>
      ))}
    </select>
  )
}
