import { create } from 'zustand'

const useStore = create<{ readonly isAsked: boolean }>(() => ({ isAsked: false }))

/** Whether "download everything I own" stands as a question in front of the screen. */
export const everythingQuestion = {
  asked: (): void => useStore.setState({ isAsked: true }),
  closed: (): void => useStore.setState({ isAsked: false }),
}

export const useIsEverythingAsked = (): boolean => useStore(({ isAsked }) => isAsked)
