import { useCallback } from 'react'
import { useIntl } from 'react-intl'

export type TextValues = Readonly<Record<string, string | number>>

/**
 * Translates a sentence of the interface. The English sentence, in ICU message syntax, is its own key: a catalogue of another language maps
 * it to its own words, and what a catalogue lacks stays English.
 */
export type Translate = (sentence: string, values?: TextValues) => string

export function useText(): Translate {
  const intl = useIntl()
  return useCallback(
    (sentence, values) => intl.formatMessage({ id: sentence, defaultMessage: sentence }, values),
    [intl],
  )
}
