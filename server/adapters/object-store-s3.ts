import { createReadStream } from 'node:fs'
import { Readable } from 'node:stream'
import {
  DeleteObjectCommand,
  GetObjectCommand,
  HeadObjectCommand,
  PutObjectCommand,
  S3Client,
  S3ServiceException,
} from '@aws-sdk/client-s3'
import { AppError } from '../../contract/errors.ts'
import type { ObjectStoreTarget } from '../config.ts'
import type { ObjectStore } from '../ports.ts'
import { sha256OfKey } from './object-key.ts'

export type S3Target = Omit<Extract<ObjectStoreTarget, { kind: 's3' }>, 'kind'>

const RETRY_SECONDS = 5
const SILENT = { debug() {}, info() {}, warn() {}, error() {} }

/** Objects in a private bucket of Cloudflare R2 or another S3. Uploads are signed with the hash of their content, so the store refuses damaged ones. */
export function openS3ObjectStore(target: S3Target): ObjectStore & Disposable {
  const { bucket: Bucket, endpoint, accessKeyId, secretAccessKey } = target
  const client = new S3Client({
    region: 'auto',
    endpoint,
    forcePathStyle: true,
    credentials: { accessKeyId, secretAccessKey },
    // R2 knows no trailing checksums; ours is the signed SHA-256 of the whole.
    requestChecksumCalculation: 'WHEN_REQUIRED',
    responseChecksumValidation: 'WHEN_REQUIRED',
    // Failures are told to the caller; the client itself would print to the console.
    logger: SILENT,
    requestHandler: { connectionTimeout: 5_000, socketTimeout: 30_000 },
  })
  return {
    async head(key) {
      sha256OfKey(key)
      try {
        const { ContentLength } = await client.send(new HeadObjectCommand({ Bucket, Key: key }))
        return { key, sizeBytes: ContentLength ?? 0 }
      } catch (error) {
        if (statusOf(error) === 404) return null
        throw unavailable(error)
      }
    },

    async read(key, start, end, signal) {
      sha256OfKey(key)
      const { Body, ContentLength } = await client
        .send(
          new GetObjectCommand({ Bucket, Key: key, Range: `bytes=${start}-${end}` }),
          signal === undefined ? {} : { abortSignal: signal },
        )
        .catch((error: unknown) => {
          signal?.throwIfAborted()
          throw unavailable(error)
        })
      if (!(Body instanceof Readable)) throw unavailable(new Error('The store answered without a stream'))
      if (ContentLength !== end - start + 1) {
        Body.destroy()
        throw unavailable(new Error('The store answered with another length'))
      }
      return Body
    },

    async putFile(key, path, { sha256, sizeBytes, mimeType }) {
      sha256OfKey(key)
      if ((await this.head(key))?.sizeBytes === sizeBytes) return
      const command = new PutObjectCommand({
        Bucket,
        Key: key,
        Body: createReadStream(path),
        ContentLength: sizeBytes,
        ContentType: mimeType,
        IfNoneMatch: '*',
      })
      command.middlewareStack.add(
        (next) => (args) => {
          const { headers } = args.request as { headers: Record<string, string> }
          headers['x-amz-content-sha256'] = sha256
          return next(args)
        },
        { step: 'build', name: 'signContentHash' },
      )
      await client.send(command).catch((error: unknown) => {
        // Another process stored the same content meanwhile.
        if (statusOf(error) !== 412) throw unavailable(error)
      })
    },

    async delete(key) {
      sha256OfKey(key)
      await client.send(new DeleteObjectCommand({ Bucket, Key: key })).catch((error: unknown) => {
        throw unavailable(error)
      })
    },

    [Symbol.dispose]() {
      client.destroy()
    },
  }
}

function statusOf(error: unknown): number | undefined {
  return error instanceof S3ServiceException ? error.$metadata.httpStatusCode : undefined
}

function unavailable(cause: unknown): AppError {
  return new AppError('storage-unavailable', undefined, { retryAfterSeconds: RETRY_SECONDS }, { cause })
}
