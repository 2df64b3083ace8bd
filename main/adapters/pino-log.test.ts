import { expect, test } from 'vitest'
import { AppError } from '../../contract/errors.ts'
import { createPinoLog } from './pino-log.ts'

function log(level: Parameters<typeof createPinoLog>[0] = 'debug') {
  const lines: string[] = []
  const port = createPinoLog(level, { write: (line) => void lines.push(line) }, [
    ['/home/ana/.mixmint', '<data>'],
    ['/home/ana', '~'],
  ])
  return { port, text: () => lines.join('') }
}

const JWT = 'eyJhbGciOiJFUzI1NiJ9.eyJzdWIiOiJjYW5hcnkifQ.c2lnbmF0dXJl'

test.each<[string, object]>([
  ['a header', { headers: { authorization: `Bearer ${JWT}`, dpop: 'canary' } }],
  ['a session', { session: { access_token: JWT, refresh_token: 'canary' } }],
  ['a password', { input: { email: 'canary@x.example', password: 'canary' } }],
  ['a private key', { key: { privateJwk: { d: 'canary' } } }],
  ['a private key by itself', { jwk: { kty: 'EC', d: 'canary' } }],
  ['an address with a token', { url: 'https://x.example/api/download/file?token=canary&x=1' }],
  ['an address with a code', { url: 'http://127.0.0.1:4870/return/auth?code=canary' }],
  ['a launch link', { url: 'http://127.0.0.1:4870/#link=canary' }],
  ['an error that quotes a token', { error: new Error(`refused: Bearer ${JWT}`) }],
  ['a cause that quotes one', { error: new Error('outer', { cause: new Error(`token ${JWT} is old`) }) }],
  [
    'an error with a request on it',
    { error: Object.assign(new Error('x'), { options: { headers: { dpop: 'canary' } } }) },
  ],
])('%s leaves no secret in the log', (_, fields) => {
  const { port, text } = log()
  port.error(fields, 'something happened')
  expect(text()).toContain('something happened')
  expect(text()).not.toMatch(/canary|eyJ/)
})

test('folders of the user are not named', () => {
  const { port, text } = log()
  port.info(
    { file: '/home/ana/.mixmint/accounts/1/local.sqlite', error: new Error('ENOENT /home/ana/Music/x.mp3') },
    'x',
  )
  expect(text()).toContain('<data>/accounts/1/local.sqlite')
  expect(text()).not.toContain('ana')
})

test('an expected failure is told by its code, a bug with its stack', () => {
  const { port, text } = log()
  port.error({ error: new AppError('folder-missing') }, 'x')
  expect(JSON.parse(text())).toMatchObject({ error: { errorCode: 'folder-missing' } })
  expect(JSON.parse(text()).error).not.toHaveProperty('stack')
  const other = log()
  other.port.error({ error: new TypeError('bug') }, 'x')
  expect(JSON.parse(other.text()).error.stack).toContain('pino-log.test.ts')
})

test('the level decides what is written', () => {
  const { port, text } = log('warn')
  port.debug({}, 'one')
  port.info({}, 'two')
  port.warn({}, 'three')
  expect(text()).toContain('three')
  expect(text()).not.toMatch(/one|two/)
})
