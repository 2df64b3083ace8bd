import { create } from 'zustand'

export interface Toast {
  readonly id: number
  readonly kind: 'told' | 'failed'
  readonly title: string
  readonly remedy: string | null
  readonly action: { readonly label: string; run(): void } | null
  readonly staysMs: number
}

interface Toasts {
  readonly shown: readonly Toast[]
  readonly nextId: number
}

const UNDO_MS = 10_000
const TOLD_MS = 5000
const useStore = create<Toasts>(() => ({ shown: [], nextId: 1 }))

function show(toast: Omit<Toast, 'id'>): void {
  useStore.setState(({ shown, nextId }) => ({
    shown: [...shown.slice(-2), { ...toast, id: nextId }],
    nextId: nextId + 1,
  }))
}

/** What happened, said in a corner and to screen readers. */
export const toasts = {
  told: (title: string, action: Toast['action'] = null): void =>
    show({ kind: 'told', title, remedy: null, action, staysMs: action === null ? TOLD_MS : UNDO_MS }),
  failed: ({ what, remedy }: { what: string; remedy: string }): void =>
    show({ kind: 'failed', title: what, remedy, action: null, staysMs: UNDO_MS }),
  /** Says what was done and offers to take it back for ten seconds. */
  undoable: (title: string, label: string, undo: () => void): void =>
    show({ kind: 'told', title, remedy: null, action: { label, run: undo }, staysMs: UNDO_MS }),
  dismissed: (id: number): void =>
    useStore.setState(({ shown }) => ({ shown: shown.filter((toast) => toast.id !== id) })),
}

export const useToasts = (): readonly Toast[] => useStore(({ shown }) => shown)
