import { buffer } from 'node:stream/consumers'
import type { FastifyInstance, FastifyReply } from 'fastify'
import { z } from 'zod'
import { AppError } from '../../../contract/errors.ts'
import { Id } from '../../../contract/values.ts'
import type { CallerFacts, Needs } from '../../context.ts'
import { asCaller } from '../../db/transaction.ts'
import { getDj } from '../../domains/catalogue/get-dj.ts'
import { getTrack } from '../../domains/catalogue/get-track.ts'
import { listTracks } from '../../domains/catalogue/list-tracks.ts'
import { publicObject } from '../../domains/catalogue/public.ts'
import type { ServerServices } from '../../services.ts'
import { djPage } from './dj-page.ts'
import { landingPage } from './landing-page.ts'
import { notFoundPage } from './not-found-page.ts'
import { ICON } from './page-document.ts'
import { PAGE_POLICY } from './page-style.ts'
import { trackPage } from './track-page.ts'

type PageServices = Pick<ServerServices, 'db' | 'clock' | 'objects' | 'config'>

const ANYBODY: CallerFacts = { userId: null, sessionId: null, signedInAt: null, device: null, key: null, address: '' }
const Slug = z
  .string()
  .regex(/^[a-z0-9]+(-[a-z0-9]+)*$/)
  .max(80)
const ON_THE_FRONT = 20

/** `/track/:id`, `/dj/:slug` and the front page, as HTML for anybody; what the public may not see answers 404. */
export function pageRoutes(app: FastifyInstance, services: PageServices): void {
  const { publicOrigin } = services.config
  app.get('/', async (_request, reply) => {
    const newest = await asAnybody(services, (context) => listTracks(context, { sort: 'newest', limit: ON_THE_FRONT }))
    return sendPage(reply, landingPage(newest.items, publicOrigin))
  })
  app.get('/icon.svg', async (_request, reply) =>
    reply.headers({ 'content-type': 'image/svg+xml', 'cache-control': 'public, max-age=86400' }).send(ICON),
  )
  app.get<{ Params: { id: string } }>('/track/:id', async ({ params }, reply) => {
    const trackId = Id.safeParse(params.id)
    const track = trackId.success
      ? await orNull(asAnybody(services, (context) => getTrack(context, { trackId: trackId.data })))
      : null
    if (track === null) return sendNotFound(reply, publicOrigin)
    return sendPage(reply, trackPage(track, publicOrigin, await readPeaks(services, track.peaks)))
  })
  app.get<{ Params: { slug: string } }>('/dj/:slug', async ({ params }, reply) => {
    const slug = Slug.safeParse(params.slug)
    const dj = slug.success ? await orNull(asAnybody(services, (context) => getDj(context, { slug: slug.data }))) : null
    return dj === null ? sendNotFound(reply, publicOrigin) : sendPage(reply, djPage(dj, publicOrigin))
  })
}

function asAnybody<T>(
  { db, clock }: PageServices,
  call: (context: Needs<'tx' | 'caller' | 'clock'>) => Promise<T>,
): Promise<T> {
  return asCaller(db, { role: 'anon' }, (tx) => call({ tx, caller: ANYBODY, clock }), { mode: 'read only', clock })
}

async function orNull<T>(found: Promise<T>): Promise<T | null> {
  try {
    return await found
  } catch (error) {
    if (error instanceof AppError && error.code === 'not-found') return null
    throw error
  }
}

/** The waveform's bytes; a store that can not be reached leaves the page without it. */
async function readPeaks({ db, objects }: PageServices, mediaRef: string | null): Promise<Uint8Array | null> {
  const sha256 = mediaRef?.split('/')[1]
  if (sha256 === undefined) return null
  const object = await asCaller(db, { role: 'anon' }, (tx) => publicObject(tx, sha256), { mode: 'read only' })
  if (object === null || object.sizeBytes === 0) return null
  return objects
    .read(object.key, 0, object.sizeBytes - 1)
    .then(buffer)
    .catch(() => null)
}

function sendPage(reply: FastifyReply, page: string, caching = 'public, max-age=60'): FastifyReply {
  return reply
    .headers({
      'content-type': 'text/html; charset=utf-8',
      'content-security-policy': PAGE_POLICY,
      'cache-control': caching,
      'x-content-type-options': 'nosniff',
      'referrer-policy': 'strict-origin-when-cross-origin',
    })
    .send(page)
}

function sendNotFound(reply: FastifyReply, origin: string): FastifyReply {
  return sendPage(reply.code(404), notFoundPage(origin), 'no-store')
}
