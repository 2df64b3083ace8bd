import path from 'node:path'
import { app } from '../../../../contract/app.ts'
import { type Crate, crates as calls } from '../../../../contract/crates.ts'
import { type Cli, type Command, type Outcome, required, UsageError } from '../command.ts'
import { findContent } from '../find-content.ts'
import { plain, size, table } from '../format.ts'

export const crate: Command = {
  usage:
    'list | create <name> | show <crate> | add <crate> <track>… | remove <crate> <track>… | folder <crate> <path>|none | names <crate> [<template>|none] | delete <crate>',
  about: 'Makes crates and says what is in them, which folder they are written to, and how files are named there.',
  async run(cli, args) {
    const [action = 'list', ...rest] = args
    const { call } = cli
    if (action === 'list') {
      const list = await call(calls.list, {})
      return { value: list, text: list.crates.length === 0 ? 'No crates.' : table(list.crates.map(row)) }
    }
    if (action === 'create') return show(await call(calls.create, { name: required(rest, 0, 'The name') }))
    const found = await findCrate(cli, required(rest, 0, 'The crate'))
    const crateId = found.id
    switch (action) {
      case 'show':
        return show(found)
      case 'add':
        return show(
          await call(calls.setItems, { crateId, items: [...refs(found), ...(await named(cli, rest.slice(1)))] }),
        )
      case 'remove': {
        const gone = new Set((await named(cli, rest.slice(1))).map(({ contentId }) => contentId))
        const items = refs(found).filter(({ contentId }) => !gone.has(contentId))
        return show(await call(calls.setItems, { crateId, items }))
      }
      case 'folder':
        return show(
          await call(calls.setFolder, { crateId, folderId: await folderId(cli, required(rest, 1, 'The path')) }),
        )
      case 'names':
        return await names(cli, found, rest[1])
      case 'delete':
        return { value: await call(calls.remove, { crateId }), text: `Deleted ${plain(found.name)}; its files stay.` }
      default:
        throw new UsageError(`There is no "crate ${action}"`)
    }
  },
}

export const sync: Command = {
  usage: '<crate> | --crate <crate> [--plan]',
  about: 'Writes a crate to its folder with its playlist; --plan only says what it would do.',
  options: { crate: { type: 'string' }, plan: { type: 'boolean' } },
  async run(cli, args, { crate: named, plan }) {
    const words = typeof named === 'string' ? [named, ...args] : args
    if (words.length > 1) throw new UsageError('One crate at a time')
    const { id: crateId } = await findCrate(cli, required(words, 0, 'The crate'))
    const report = await cli.call(plan === true ? calls.plan : calls.sync, { crateId })
    const { added, renamed, removed, unchanged, waitingForDownload, bytesToDownload, folder } = report
    const waiting = waitingForDownload === 0 ? '' : `, ${waitingForDownload} to download (${size(bytesToDownload)})`
    return {
      value: report,
      text: `${plain(folder)}: ${added} added, ${renamed} renamed, ${removed} removed, ${unchanged} unchanged${waiting}`,
    }
  },
}

/** The crate with that id or, in any case, that name. Throws `UsageError` when there is none. */
async function findCrate({ call }: Cli, word: string): Promise<Crate> {
  const { crates } = await call(calls.list, {})
  const found = crates.find(({ id, name }) => id === word || name.toLowerCase() === word.toLowerCase())
  if (found === undefined) throw new UsageError(`There is no crate "${word}"`)
  return found
}

async function named(cli: Cli, words: readonly string[]) {
  required(words, 0, 'A track')
  const found = await Promise.all(words.map((word) => findContent(cli, word)))
  return found.map(({ contentType, contentId }) => ({ contentType, contentId }))
}

async function folderId({ folder, workingFolder }: Cli, word: string): Promise<string | null> {
  return word === 'none' ? null : (await folder(path.resolve(workingFolder, word))).id
}

/** Sets the template of a crate where one is given, and says how its files are named. */
async function names({ call }: Cli, found: Crate, word: string | undefined): Promise<Outcome> {
  const crateId = found.id
  const isNone = word === 'none'
  const changed =
    word === undefined ? found : await call(calls.setFileNames, { crateId, template: isNone ? null : word })
  const own = changed.fileNameTemplate
  const template = own ?? (await call(app.getSettings, {})).fileNameTemplate
  const preview = await call(calls.previewFileNames, { crateId, template })
  const lines = [
    `${plain(template)}${own === null ? '  (of the settings)' : ''}`,
    ...preview.names.map((name) => `  ${plain(name)}`),
    ...(preview.numbered === 0 ? [] : [`  ${preview.numbered} of ${preview.total} get a number`]),
  ]
  return { value: { template: own, preview }, text: lines.join('\n') }
}

function refs({ items }: Crate) {
  return items.map(({ contentType, contentId }) => ({ contentType, contentId }))
}

function row({ id, name, items, folder }: Crate): string[] {
  return [id, name, `${items.length} items`, folder?.path ?? 'no folder']
}

function show(found: Crate): Outcome {
  const rows = found.items.map(({ contentId, artist, title, state }) => [
    contentId,
    `${artist} - ${title}`.slice(0, 60),
    state,
  ])
  return { value: found, text: [row(found).join('  '), ...(rows.length === 0 ? [] : [table(rows)])].join('\n') }
}
