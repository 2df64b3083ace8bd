import { type FormEvent, type ReactNode, useId, useState } from 'react'
import { faultOfTemplate, LONGEST_TEMPLATE } from '../../../contract/file-name-template.ts'
import { useText } from '../text.ts'
import { Button } from '../ui/button.tsx'
import { NamePreview } from './name-preview.tsx'
import { templateFaultText } from './template-fault.ts'

interface TemplateFormProps {
  readonly label: string
  readonly value: string
  /** The crate whose tracks are shown; left out: the library's. */
  readonly crateId?: string
  readonly isSaving?: boolean
  /** The same template may be saved too, as when it becomes the crate's own. */
  readonly maySaveSame?: boolean
  /** More buttons beside "Save". */
  readonly actions?: ReactNode
  readonly onSave: (template: string) => void
}

/** A template of file names, with what it makes of real tracks while it is typed; one that can not be used says why. */
export function TemplateForm(props: TemplateFormProps) {
  const { label, value, crateId, isSaving = false, maySaveSame = false, actions, onSave } = props
  const t = useText()
  const id = useId()
  const [typed, setTyped] = useState(value)
  const template = typed.trim()
  const fault = faultOfTemplate(template)
  const maySave = fault === null && !isSaving && (maySaveSame || template !== value)
  return (
    <form
      className="flex min-w-64 flex-col gap-1.5"
      onSubmit={(event: FormEvent) => {
        event.preventDefault()
        if (maySave) onSave(template)
      }}
    >
      <span className="flex flex-wrap gap-2">
        <input
          aria-label={label}
          aria-invalid={fault !== null}
          aria-describedby={id}
          value={typed}
          maxLength={LONGEST_TEMPLATE}
          spellCheck={false}
          autoComplete="off"
          onChange={(event) => setTyped(event.target.value)}
          className="h-9 min-w-0 grow basis-56 rounded-control border border-edge bg-ground px-2.5 font-mono text-xs aria-invalid:border-coral"
        />
        <Button type="submit" disabled={!maySave}>
          {t('Save')}
        </Button>
        {actions}
      </span>
      <div id={id} aria-live="polite">
        {fault === null ? (
          <NamePreview template={template} crateId={crateId} />
        ) : (
          <p className="text-coral text-xs">{templateFaultText(t, fault)}</p>
        )}
      </div>
    </form>
  )
}
