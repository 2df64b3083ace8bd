import { createHash } from 'node:crypto'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import path from 'node:path'
import fastify from 'fastify'
import { sql } from 'kysely'
import { AppError } from '../../../contract/errors.ts'
import type { ContentType } from '../../../contract/values.ts'
import { objectKey } from '../../../server/adapters/object-key.ts'
import { openFileObjectStore } from '../../../server/adapters/object-store-files.ts'
import { systemRandom } from '../../../server/adapters/system-random.ts'
import { hashObject, type ObjectHashes } from '../../../server/audio/segment-hashes.ts'
import type { ServerAuth } from '../../../server/auth/server-auth.ts'
import { readServerConfig } from '../../../server/config.ts'
import type { Database } from '../../../server/db/database.ts'
import { asCaller, inServerTransaction, type ServerTransaction } from '../../../server/db/transaction.ts'
import { byteRoutes } from '../../../server/http/bytes.ts'
import { callRoutes } from '../../../server/http/call-route.ts'
import { expectedFailure } from '../../../server/http/failure.ts'
import { toProblem } from '../../../server/http/problem.ts'
import { createOpenStreams } from '../../../server/open-streams.ts'
import type { ObjectStore } from '../../../server/ports.ts'
import { takeFromBuckets } from '../../../server/rate-limits/buckets.ts'
import type { ServerServices } from '../../../server/services.ts'
import { PEOPLE, type PersonName, SERVICE } from '../../_kit/people.ts'
import { type HandClock, handClock, idOf } from '../../_kit/shop.ts'

/** The delivery routes over real HTTP on a real database and a real file store; only who calls is believed as it is said. */
export interface DeliveryServer extends AsyncDisposable {
  readonly origin: string
  readonly db: Database
  readonly clock: HandClock
  readonly services: ServerServices
  /** Lines of the server's log. */
  readonly logged: string[]
  /** Runs with the service role, at the clock's time. */
  asService<T>(work: (tx: ServerTransaction) => Promise<T>): Promise<T>
}

/** What filling a store takes: any running server has it. */
export type Stockable = Pick<DeliveryServer, 'services' | 'asService'>

export interface StartOptions {
  readonly clock?: HandClock
  /** Wraps the store, to let it fail. */
  readonly wrapObjects?: (objects: ObjectStore) => ObjectStore
  /** The folder of another server's objects, for two processes over one store. */
  readonly objectsFolder?: string
}

export async function startDeliveryServer(
  db: Database,
  { clock = handClock(), wrapObjects = (objects) => objects, objectsFolder }: StartOptions = {},
): Promise<DeliveryServer & { readonly objectsFolder: string }> {
  const folder = objectsFolder ?? (await mkdtemp(path.join(tmpdir(), 'mixmint-delivery-')))
  const logged: string[] = []
  const write = (fields: object, message: string): void => {
    logged.push(`${message} ${JSON.stringify(fields, (_, value) => (value instanceof Error ? value.stack : value))}`)
  }
  const services = {
    ...{ db, clock, random: systemRandom, streams: createOpenStreams() },
    config: readServerConfig({ MIXMINT_DATA_DIR: folder }),
    log: { info: write, warn: write, error: write },
    objects: wrapObjects(openFileObjectStore(folder)),
    payments: new Map(),
    mailer: { send: async () => undefined },
    secrets: { get: async () => ['secret'] as const },
    auth: believingAuth(db, clock),
  } satisfies ServerServices
  const app = fastify({ forceCloseConnections: true })
  app.setErrorHandler((error, request, reply) => {
    const failure = expectedFailure(error)
    if (failure === null || failure.code === 'server-busy') write({ err: error }, 'unexpected')
    const { status, headers, body } = toProblem(failure ?? new AppError('internal'), request.id)
    return reply.code(status).headers(headers).send(body)
  })
  callRoutes(app, services)
  byteRoutes(app, services)
  await app.listen({ port: 0, host: '127.0.0.1' })
  const { port } = app.server.address() as AddressInfo
  return {
    ...{ origin: `http://127.0.0.1:${port}`, db, clock, services, logged, objectsFolder: folder },
    asService: (work) => asCaller(db, SERVICE, work, { clock }),
    async [Symbol.asyncDispose]() {
      await app.close()
      if (objectsFolder === undefined) await rm(folder, { recursive: true })
    },
  }
}

/** Believes `Bearer <person>/<device name>/<age of the sign-in in ms>` and any non-empty proof. */
function believingAuth(db: Database, clock: HandClock): ServerAuth {
  return {
    currentNonce: async () => 'nonce',
    async authenticate({ authorization, dpop, address }, _proof, { limits, look } = {}) {
      const [who = '', name = '', age = '0'] = authorization?.replace('Bearer ', '').split('/') ?? []
      if (authorization === undefined) throw new AppError('not-signed-in')
      if (dpop.length !== 1) throw new AppError('invalid-dpop-proof')
      const userId = PEOPLE[who as PersonName]
      const device = await asCaller(db, SERVICE, (tx) =>
        tx.selectFrom('devices').select(['id', 'jkt']).where('jkt', '=', jktOf(who, name)).executeTakeFirst(),
      )
      if (device === undefined) throw new AppError('device-unknown')
      const caller = {
        ...{ userId, address, key: null },
        sessionId: idOf(`session of ${who}`),
        signedInAt: clock.now() - Number(age),
        device: { id: device.id, thumbprint: device.jkt },
      }
      const thumbprint = device.jkt
      const buckets = limits?.({ userId, thumbprint }) ?? []
      if (buckets.length > 0) await takeFromBuckets(db, buckets, clock.now())
      if (look !== undefined)
        await inServerTransaction(
          db,
          async (tx) => look.take((await look.statement(sql``, thumbprint).execute(tx)).rows),
          { clock },
        )
      return caller
    },
  }
}

function jktOf(who: string, name: string): string {
  return createHash('sha256').update(`${who} ${name}`).digest('base64url')
}

export async function addDevice(server: DeliveryServer, who: PersonName, name: string): Promise<string> {
  return server.asService(async (tx) => {
    const { id } = await tx
      .insertInto('devices')
      .values({ user_id: PEOPLE[who], jkt: jktOf(who, name), public_key: '{}', name, platform: 'linux' })
      .returning('id')
      .executeTakeFirstOrThrow()
    return id
  })
}

export interface StoredFile extends ObjectHashes {
  readonly bytes: Buffer
  readonly contentId: string
  readonly contentType: ContentType
}

const TABLES = { track: 'tracks', album: 'album_packs', fan: 'fan_uploads' } as const

/** Stores `bytes` and makes them the file of a content (`idOf(name)`), in place of the one before. */
export async function giveFile(
  server: Stockable,
  name: string,
  bytes: Buffer,
  { contentType = 'track', fileName = `${name}.wav` }: { contentType?: ContentType; fileName?: string } = {},
): Promise<StoredFile> {
  const hashes = await storeObject(server, bytes, 'audio/wav')
  const { sha256, sizeBytes } = hashes
  const contentId = idOf(name)
  await server.asService(async (tx) => {
    await tx
      .updateTable(TABLES[contentType])
      .set({ file_key: objectKey(sha256), sha256, file_size_bytes: sizeBytes, mime_type: 'audio/wav' })
      .where('id', '=', contentId)
      .execute()
    await tx.updateTable('content_files').set({ is_master: false }).where('content_id', '=', contentId).execute()
    await tx
      .insertInto('content_files')
      .values({
        ...{ content_type: contentType, content_id: contentId, object_sha256: sha256, file_name: fileName },
        format: contentType === 'album' ? 'zip' : 'wav',
      })
      .onConflict((conflict) =>
        conflict
          .columns(['content_type', 'content_id', 'format'])
          .doUpdateSet({ object_sha256: sha256, file_name: fileName, is_master: true }),
      )
      .execute()
  })
  return { ...hashes, bytes, contentId, contentType }
}

/** Stores `bytes` as one more format of a track (`idOf(name)`), beside its master. */
export async function giveFormat(
  server: Stockable,
  name: string,
  format: 'mp3' | 'flac' | 'aiff',
  bytes: Buffer,
): Promise<StoredFile> {
  const hashes = await storeObject(server, bytes, `audio/${format}`)
  const contentId = idOf(name)
  await server.asService((tx) =>
    tx
      .insertInto('content_files')
      .values({
        ...{
          content_type: 'track',
          content_id: contentId,
          object_sha256: hashes.sha256,
          file_name: `${name}.${format}`,
        },
        ...{ format, is_master: false },
      })
      .execute(),
  )
  return { ...hashes, bytes, contentId, contentType: 'track' }
}

async function storeObject(server: Stockable, bytes: Buffer, mimeType: string): Promise<ObjectHashes> {
  const hashes = await hashObject([bytes])
  const { sha256, sizeBytes } = hashes
  const file = path.join(tmpdir(), `mixmint-give-${sha256}`)
  await writeFile(file, bytes)
  await server.services.objects.putFile(objectKey(sha256), file, { sha256, sizeBytes, mimeType })
  await rm(file)
  await server.asService((tx) =>
    tx
      .insertInto('objects')
      .values({
        ...{ sha256, key: objectKey(sha256), size_bytes: sizeBytes, mime_type: mimeType },
        segment_size: hashes.segmentSize,
        segment_sha256: [...hashes.segmentSha256],
        segment_root: hashes.segmentRoot,
      })
      .execute(),
  )
  return hashes
}

export async function buy(server: DeliveryServer, who: PersonName, name: string): Promise<void> {
  await server.asService((tx) =>
    tx
      .insertInto('purchases')
      .values({ user_id: PEOPLE[who], content_type: 'track', content_id: idOf(name) })
      .execute(),
  )
}
