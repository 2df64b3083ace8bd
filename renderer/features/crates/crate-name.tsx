import { useState } from 'react'
import { crates } from '../../../contract/crates.ts'
import { useText } from '../../shared/text.ts'
import { useCommand } from '../../shared/use-call.ts'

/** The name of a crate, which is also the place to change it: Enter or leaving saves, Escape takes it back. */
export function CrateName({ crateId, name }: { crateId: string; name: string }) {
  const t = useText()
  const [typed, setTyped] = useState(name)
  const rename = useCommand(crates.rename, { refresh: [crates.list] })
  function save(): void {
    const next = typed.trim()
    if (next === '' || next === name) setTyped(name)
    else rename.mutate({ crateId, name: next }, { onError: () => setTyped(name) })
  }
  return (
    <h1 className="-ml-2 min-w-0 font-semibold text-xl">
      <span className="sr-only">{name}</span>
      <input
        aria-label={t('Name of the crate')}
        value={typed}
        maxLength={80}
        onChange={(event) => setTyped(event.target.value)}
        onBlur={save}
        onKeyDown={(event) => {
          if (event.key === 'Enter') event.currentTarget.blur()
          if (event.key === 'Escape') setTyped(name)
        }}
        className="field-sizing-content min-w-20 max-w-full rounded-control bg-transparent px-2 hover:bg-panel focus:bg-panel"
      />
    </h1>
  )
}
