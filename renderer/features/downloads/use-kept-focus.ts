import { type FocusEvent, useEffect, useLayoutEffect, useRef } from 'react'

/** Where the keyboard is: in which row, on which of its buttons. */
interface Place {
  readonly downloadId: string
  readonly control: string
}

/** Keeps the focus on the same button of the same row when the row goes to another group or place. */
export function useKeptFocus(box: { readonly current: HTMLDivElement | null }) {
  const place = useRef<Place | null>(null)
  useEffect(() => {
    const forget = (): void => {
      place.current = null
    }
    addEventListener('pointerdown', forget)
    return () => removeEventListener('pointerdown', forget)
  }, [])
  useLayoutEffect(() => {
    if (place.current === null || document.activeElement !== document.body) return
    const { downloadId, control } = place.current
    box.current
      ?.querySelector<HTMLElement>(`[data-download="${downloadId}"] [data-control="${control}"]`)
      ?.focus({ preventScroll: true })
  })
  function moved({ target }: FocusEvent): void {
    const downloadId = target.closest<HTMLElement>('[data-download]')?.dataset['download']
    const control = target.closest<HTMLElement>('[data-control]')?.dataset['control'] ?? 'menu'
    if (downloadId !== undefined) place.current = { downloadId, control }
  }
  return { place, moved }
}
