import { Check, Copy } from 'lucide-react'
import { useState } from 'react'
import { useText } from '../text.ts'
import { IconButton } from './icon-button.tsx'

/** A text that can be selected, and copied with one click. */
export function CopyLine({ label, value }: { label: string; value: string }) {
  const t = useText()
  const [isCopied, setCopied] = useState(false)
  return (
    <div className="flex items-center gap-1 rounded-control border border-line bg-ground pr-1">
      <input
        readOnly
        aria-label={label}
        value={value}
        onFocus={(event) => event.target.select()}
        className="h-9 min-w-0 grow rounded-control bg-transparent px-3 font-mono text-xs"
      />
      <IconButton
        icon={isCopied ? Check : Copy}
        size="small"
        label={t(isCopied ? 'Copied' : 'Copy')}
        onClick={() => void navigator.clipboard.writeText(value).then(() => setCopied(true))}
      />
    </div>
  )
}
