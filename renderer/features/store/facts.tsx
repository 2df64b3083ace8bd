import type { ReactNode } from 'react'

/** Pairs of a word and its value; what is not known is left out. */
export function Facts({ facts }: { facts: readonly (readonly [word: string, value: ReactNode])[] }) {
  return (
    <dl className="flex flex-wrap gap-x-8 gap-y-3">
      {facts
        .filter(([, value]) => value !== null)
        .map(([word, value]) => (
          <div key={word}>
            <dt className="text-muted text-xs">{word}</dt>
            <dd className="figures font-medium text-base">{value}</dd>
          </div>
        ))}
    </dl>
  )
}
