import { z } from 'zod'

/** What a template of file names may name, each as `{word}`. */
export const NAME_FIELDS = ['artist', 'title', 'bpm', 'key', 'album'] as const

/** Why a template can not be used; `words` are those in braces that nothing is known by. */
export type TemplateFault =
  | { readonly kind: 'too-long' | 'no-field' | 'stray-brace' | 'control-character' }
  | { readonly kind: 'unknown-field'; readonly words: readonly string[] }

/** Characters that a template has at most. */
export const LONGEST_TEMPLATE = 200

/** What is wrong with a template; null when it can name files: it names at least one thing that is known, and nothing else in braces. */
export function faultOfTemplate(template: string): TemplateFault | null {
  if (template.length > LONGEST_TEMPLATE) return { kind: 'too-long' }
  if (/\p{Cc}/u.test(template)) return { kind: 'control-character' }
  const words = [...template.matchAll(/\{([^{}]*)\}/g)].map(([, word = '']) => word)
  const unknown = words.filter((word) => !(NAME_FIELDS as readonly string[]).includes(word))
  if (unknown.length > 0) return { kind: 'unknown-field', words: [...new Set(unknown)] }
  if (/[{}]/.test(template.replace(/\{[^{}]*\}/g, ''))) return { kind: 'stray-brace' }
  return words.length === 0 ? { kind: 'no-field' } : null
}

/** A template that names at least one thing that is known, such as `{artist} - {title} [{bpm} {key}]`. */
export const FileNameTemplate = z
  .string()
  .trim()
  .superRefine((template, context) => {
    const fault = faultOfTemplate(template)
    if (fault !== null) context.addIssue({ code: 'custom', message: sentenceOf(fault) })
  })

const FIELDS = NAME_FIELDS.map((word) => `{${word}}`).join(' ')

function sentenceOf(fault: TemplateFault): string {
  switch (fault.kind) {
    case 'too-long':
      return `A template has at most ${LONGEST_TEMPLATE} characters`
    case 'control-character':
      return 'No control characters'
    case 'stray-brace':
      return 'A brace is opened or closed alone'
    case 'no-field':
      return `A template has at least one of ${FIELDS}`
    case 'unknown-field':
      return `Nothing is known by ${fault.words.map((word) => `{${word}}`).join(' ')}; there are ${FIELDS}`
  }
}
