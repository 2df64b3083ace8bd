import { z } from 'zod'
import { Download } from './delivery.ts'
import { Id } from './values.ts'

/** What the core tells whoever is listening. Events say that something changed; calls tell what it is now. */
export const CoreEvent = z.discriminatedUnion('type', [
  z.object({ type: z.literal('identity.changed') }),
  z.object({ type: z.literal('network.changed'), isOnline: z.boolean() }),
  /** Progress and state of one download, at most four times a second for each. */
  z.object({ type: z.literal('delivery.progressed'), download: Download }),
  /** The queue's members or order changed. */
  z.object({ type: z.literal('delivery.changed') }),
  z.object({ type: z.literal('library.changed') }),
  z.object({ type: z.literal('crates.changed') }),
  z.object({ type: z.literal('settings.changed') }),
  z.object({ type: z.literal('commerce.changed'), paymentId: Id, status: z.string() }),
  z.object({ type: z.literal('notices.changed') }),
  /** A deep link asks for a place in the app: a route of the renderer, made of known words and ids only. */
  z.object({ type: z.literal('navigation.requested'), route: z.string().regex(/^\/[a-z0-9/_-]*$/i) }),
])
export type CoreEvent = z.infer<typeof CoreEvent>
