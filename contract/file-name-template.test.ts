import { describe, expect, it } from 'vitest'
import { crates } from './crates.ts'
import { FileNameTemplate, faultOfTemplate } from './file-name-template.ts'

describe('DL15: a template that can not name files is refused with its reason', () => {
  it.each([
    ['', 'no-field'],
    ['Track', 'no-field'],
    ['{mood} {title}', 'unknown-field'],
    ['{Title}', 'unknown-field'],
    ['{} {title}', 'unknown-field'],
    ['{title', 'stray-brace'],
    ['{title}}', 'stray-brace'],
    ['{{title}}', 'stray-brace'],
    ['{title}\u0000', 'control-character'],
    ['{title}\n', 'control-character'],
    [`{title}${'x'.repeat(200)}`, 'too-long'],
  ])('%j: %s', (template, kind) => {
    expect(faultOfTemplate(template)).toMatchObject({ kind })
  })

  it.each(['{title}', '{bpm} {artist}/{title}', '  {album} – {title}  ', '😀 {key}'])('%j is one', (template) => {
    expect(FileNameTemplate.parse(template)).toBe(template.trim())
  })

  it('the call says which words are not known', () => {
    const input = { crateId: '0c1b9c3c-5a59-4a6c-8f6b-4a4f0a4b8c11', template: '{mood} {title} {mood}' }
    const [issue] = crates.setFileNames.input.safeParse(input).error?.issues ?? []
    expect([issue?.path, issue?.message]).toEqual([
      ['template'],
      'Nothing is known by {mood}; there are {artist} {title} {bpm} {key} {album}',
    ])
  })
})
