import type { ReactNode } from 'react'

interface Row {
  readonly word: string
  readonly about: string
  readonly control: ReactNode
  /** The control takes the whole width, under the words. */
  readonly isWide?: boolean
}

export interface Section {
  readonly id: string
  readonly title: string
  readonly rows: readonly Row[]
}
