import { create } from 'zustand'

const useStore = create<{ readonly beforeGig: number | null }>(() => ({ beforeGig: null }))

/** What the limit was before everything was held, so that the end of a gig brings it back. */
export const gigMode = {
  began: (formerLimit: number | null): void => useStore.setState({ beforeGig: formerLimit }),
}

export const useLimitBeforeGig = (): number | null => useStore(({ beforeGig }) => beforeGig)
