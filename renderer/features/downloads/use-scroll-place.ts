import { useLayoutEffect, useRef, useState } from 'react'

/** What scrolls around the list, and how far below its top the list begins, in pixels. */
export function useScrollPlace() {
  const box = useRef<HTMLDivElement>(null)
  const [scroller, setScroller] = useState<HTMLElement | null>(null)
  const [margin, setMargin] = useState(0)
  useLayoutEffect(() => {
    const main = box.current?.closest('main') ?? null
    setScroller(main)
    const around = box.current?.parentElement
    if (main === null || around === null || around === undefined) return
    const measure = (): void => {
      if (box.current === null) return
      const above = box.current.getBoundingClientRect().top - main.getBoundingClientRect().top + main.scrollTop
      setMargin(Math.round(above))
    }
    measure()
    const sizes = new ResizeObserver(measure)
    sizes.observe(around)
    return () => sizes.disconnect()
  }, [])
  return { box, scroller, margin }
}
