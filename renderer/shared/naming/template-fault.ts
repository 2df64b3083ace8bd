import { LONGEST_TEMPLATE, NAME_FIELDS, type TemplateFault } from '../../../contract/file-name-template.ts'
import type { Translate } from '../text.ts'

/** The words that a template may have, as they are typed. */
export const FIELD_WORDS = NAME_FIELDS.map((field) => `{${field}}`).join(' ')

/** Why a template can not be used, and what to do. */
export function templateFaultText(t: Translate, fault: TemplateFault): string {
  switch (fault.kind) {
    case 'too-long':
      return t('At most {most} characters.', { most: LONGEST_TEMPLATE })
    case 'control-character':
      return t('It has a character that can not be seen. Type it anew.')
    case 'stray-brace':
      return t('A brace has no partner. Words stand between two, such as {example}.', { example: '{title}' })
    case 'no-field':
      return t('Name at least one of {words}, or all files get the same name.', { words: FIELD_WORDS })
    case 'unknown-field':
      return t('Nothing is known by {unknown}. There are {words}.', {
        unknown: fault.words.map((word) => `{${word}}`).join(' '),
        words: FIELD_WORDS,
      })
  }
}
