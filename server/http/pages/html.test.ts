import { describe, expect, it } from 'vitest'
import { html, jsonData } from './html.ts'

const HOSTILE = `"><script>alert('x')</script>&`

describe('html', () => {
  it('escapes what comes in, in text and in attributes', () => {
    const { text } = html`<a title="${HOSTILE}">${HOSTILE}</a>`
    expect(text.match(/[<>]/g)).toHaveLength(4)
    expect(text.match(/"/g)).toHaveLength(2)
    expect(text).not.toContain("'")
  })
  it('keeps markup that was built by it, also in lists, and leaves nothing for nothing', () => {
    expect(html`<ul>${['a', '<b>'].map((name) => html`<li>${name}</li>`)}${null}${false}</ul>`.text).toBe(
      '<ul><li>a</li><li>&#60;b&#62;</li></ul>',
    )
  })
})

describe('jsonData', () => {
  it('can not end the block it stands in, and means the same', () => {
    const { text } = jsonData({ name: `${HOSTILE}\u2028<!--` })
    expect(text).not.toMatch(/[<>&\u2028]/)
    expect(JSON.parse(text)).toEqual({ name: `${HOSTILE}\u2028<!--` })
  })
})
