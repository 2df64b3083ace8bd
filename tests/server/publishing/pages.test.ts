import fastify, { type FastifyInstance } from 'fastify'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { asCaller } from '../../../server/db/transaction.ts'
import { pageRoutes } from '../../../server/http/pages/page-routes.ts'
import type { ServerServices } from '../../../server/services.ts'
import { freshDatabase, type TestDatabase } from '../../_kit/databases.ts'
import { SERVICE, seedPeople } from '../../_kit/people.ts'
import { handClock, idOf, stockPack, stockTracks } from '../../_kit/shop.ts'

const ORIGIN = 'https://mixmint.example'
const HOSTILE = `Quote " <img src=x onerror=alert(1)> </script><script>alert(2)</script>`

describe('public pages', () => {
  const clock = handClock()
  let opened: TestDatabase
  let app: FastifyInstance

  beforeAll(async () => {
    opened = await freshDatabase('PGlite')
    await seedPeople(opened.db)
    await stockTracks(
      opened.db,
      [
        { name: 'Monsoon Terrace', title: 'Monsoon Terrace', priceMinor: 4900 },
        { name: 'second', title: 'Second One' },
        { name: 'members', title: 'Members Only', isFanOnly: true },
        { name: 'hostile', title: HOSTILE, artist: HOSTILE, dj: 'vega' },
        { name: 'draft', title: 'Secret Draft', status: 'draft' },
        { name: 'archived', title: 'Gone', status: 'archived' },
      ],
      clock,
    )
    await stockPack(opened.db, { name: 'pack', title: 'The Pack', tracks: ['Monsoon Terrace', 'second'] }, clock)
    await asCaller(opened.db, SERVICE, async (tx) => {
      await tx
        .updateTable('tracks')
        .set({ description: 'Rain on tin.\nTwo lines.' })
        .where('id', '=', idOf('Monsoon Terrace'))
        .execute()
      await tx.updateTable('tracks').set({ description: HOSTILE }).where('id', '=', idOf('hostile')).execute()
      await tx.updateTable('dj_profiles').set({ bio: HOSTILE }).where('slug', '=', 'vega').execute()
    })
    app = fastify()
    const objects = { head: async () => null, read: async () => Promise.reject(new Error('no store')) }
    pageRoutes(app, { db: opened.db, clock, objects, config: { publicOrigin: ORIGIN } } as unknown as ServerServices)
  })
  afterAll(async () => {
    await app.close()
    await opened[Symbol.asyncDispose]()
  })

  const page = async (url: string) => {
    const reply = await app.inject({ url })
    return { status: reply.statusCode, headers: reply.headers, body: reply.body }
  }
  const meta = (body: string, property: string) =>
    new RegExp(`<meta (?:property|name)="${property}" content="([^"]*)">`).exec(body)?.[1]
  const dataOf = (body: string) =>
    JSON.parse(/<script type="application\/ld\+json">(.*?)<\/script>/s.exec(body)?.[1] ?? 'null')

  it('R-MM-19: a track has title, description, price, OpenGraph, structured data and a link into the app', async () => {
    const { status, body, headers } = await page(`/track/${idOf('Monsoon Terrace')}`)
    expect(status).toBe(200)
    expect(headers['content-type']).toBe('text/html; charset=utf-8')
    expect(body).toContain('<title>Monsoon Terrace by Nova · MixMint</title>')
    expect(meta(body, 'description')).toContain('Rain on tin. Two lines.')
    expect(meta(body, 'og:title')).toBe('Monsoon Terrace by Nova')
    expect(meta(body, 'og:type')).toBe('music.song')
    expect(meta(body, 'og:url')).toBe(`${ORIGIN}/track/${idOf('Monsoon Terrace')}`)
    expect(meta(body, 'og:price:amount')).toBe('49.00')
    expect(meta(body, 'og:price:currency')).toBe('INR')
    expect(body).toContain('₹49')
    expect(body).toContain(`href="mixmint://track/${idOf('Monsoon Terrace')}"`)
    expect(dataOf(body)).toMatchObject({
      '@type': 'MusicRecording',
      name: 'Monsoon Terrace',
      duration: 'PT3M20S',
      offers: { price: '49.00', priceCurrency: 'INR' },
    })
  })

  it('R-MM-19: a DJ has name, tracks with prices, packs and a link into the app', async () => {
    const { status, body } = await page('/dj/nova')
    expect(status).toBe(200)
    expect(meta(body, 'og:title')).toBe('Nova')
    for (const text of ['Monsoon Terrace', 'Second One', 'The Pack', '₹149', 'href="mixmint://dj/nova"'])
      expect(body).toContain(text)
    expect(body).not.toContain('Secret Draft')
    expect(body).not.toContain('Gone')
  })

  it('R-MM-16: what is for members is offered to members, at no price', async () => {
    const { body } = await page(`/track/${idOf('members')}`)
    expect(body).toContain('Members only')
    expect(body).not.toContain('class="price"')
    expect(dataOf(body)).not.toHaveProperty('offers')
  })

  it.each([
    ['a draft', `/track/${idOf('draft')}`],
    ['an archived track', `/track/${idOf('archived')}`],
    ['a track that never was', `/track/${idOf('never')}`],
    ['no id at all', '/track/robots.txt'],
    ['a DJ who never was', '/dj/nobody'],
    ['no slug at all', `/dj/${encodeURIComponent('"><script>')}`],
  ])('R-MM-19: %s answers 404 and tells nothing', async (_, url) => {
    const { status, body, headers } = await page(url)
    expect(status).toBe(404)
    expect(headers['cache-control']).toBe('no-store')
    expect(body).not.toContain('Secret Draft')
    expect(body).not.toContain('"><script>')
  })

  it('R-MM-08: the page of a suspended DJ and of the tracks are gone', async () => {
    const set = (status: string) =>
      asCaller(opened.db, SERVICE, (tx) =>
        tx.updateTable('dj_profiles').set({ status }).where('slug', '=', 'nova').execute(),
      )
    await set('suspended')
    expect((await page('/dj/nova')).status).toBe(404)
    expect((await page(`/track/${idOf('Monsoon Terrace')}`)).status).toBe(404)
    await set('approved')
    expect((await page('/dj/nova')).status).toBe(200)
  })

  it.each([`/track/${idOf('hostile')}`, '/dj/vega', '/'])('what people write stays text on %s', async (url) => {
    const { body } = await page(url)
    expect(body).toContain('Quote &#34;')
    expect(body).not.toContain('<img src=x')
    expect(body).not.toMatch(/<script(?! type="application\/ld\+json")/)
    expect(body.match(/<\/script>/g)).toHaveLength(1)
    expect(dataOf(body)).toHaveProperty('name')
  })

  it.each(['/', '/dj/nova', `/track/${idOf('second')}`])(
    '%s runs no script, loads nothing from elsewhere and has no inline style that its policy refuses',
    async (url) => {
      const { body, headers } = await page(url)
      const policy = String(headers['content-security-policy'])
      expect(policy).toContain("default-src 'none'")
      expect(policy).not.toContain('unsafe')
      expect(policy).not.toContain('script-src')
      expect(body).not.toMatch(/\sstyle="/)
      expect(body).not.toMatch(/\son\w+="/)
      const loaded = [...body.matchAll(/src="([^"]*)"/g)].map(([, address]) => address)
      for (const address of loaded) expect(address).toMatch(/^\/media\//)
    },
  )

  it('the front page shows what is new', async () => {
    const { status, body } = await page('/')
    expect(status).toBe(200)
    expect(body).toContain('Monsoon Terrace')
  })
})
