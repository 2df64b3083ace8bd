import { describe, expect, it } from 'vitest'
import type { Caller } from '../../../contract/call.ts'
import type { ByteRange } from '../../../contract/values.ts'
import { segmentRootOf } from './grant-rules.ts'
import { createTokenDesk } from './token-desk.ts'

const MIB = 2 ** 20
const CONTENT = { contentType: 'track', contentId: '00000000-0000-4000-8000-000000000001' } as const

/** A server that grants everything of the object it has now. */
function granting() {
  const server = { sha256: 'a'.repeat(64), inits: 0 }
  const serverCall = (async (_, input) => {
    server.inits += 1
    const { want = [] } = input as { want?: ByteRange[] }
    return {
      attempt: { id: `attempt ${server.inits}` },
      object: {
        ...{ sha256: server.sha256, sizeBytes: MIB, segmentSize: 4 * MIB, fileName: 'a.wav', etag: '"a"' },
        ...{ segmentSha256: [server.sha256], segmentRoot: segmentRootOf([server.sha256]) },
      },
      tokens: want.map((range, index) => ({ token: `token ${server.inits}.${index}`, range, expiresInSeconds: 180 })),
      contents: null,
    }
  }) as Caller
  const granted: string[] = []
  const onGrant = ({ attempt }: { attempt: { id: string } }): void => void granted.push(attempt.id)
  const desk = createTokenDesk({ serverCall, content: CONTENT, format: null, attemptId: null, onGrant })
  return { server, desk, granted }
}

describe('the desk for tokens', () => {
  it('asks once for what several connections want at the same moment', async () => {
    const { server, desk } = granting()
    await desk.open(null)
    const tokens = await Promise.all([desk.tokenFor([0, 9]), desk.tokenFor([10, 19])])
    expect([tokens, server.inits]).toEqual([['token 2.0', 'token 2.1'], 2])
  })

  it('R-DC-12: a file that was replaced is no part of what is here: one question finds out, and its attempt is not taken for this one', async () => {
    const { server, desk, granted } = granting()
    await desk.open(null)
    server.sha256 = 'b'.repeat(64)
    desk.noteFailure('content-changed')
    await expect(desk.tokenFor([0, 9])).rejects.toMatchObject({
      code: 'content-changed',
      detail: { why: 'other-object' },
    })
    expect([server.inits, granted]).toEqual([2, ['attempt 1']])
  })
})
