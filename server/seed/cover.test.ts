import { inflateSync } from 'node:zlib'
import { expect, test } from 'vitest'
import { demoCatalogue } from './catalogue.ts'
import { Canvas } from './cover/canvas.ts'
import { band, circle, rectangle } from './cover/shapes.ts'
import { renderCover, renderPortrait } from './cover.ts'
import { renderJobs } from './render-job.ts'

/** The pixels of a PNG as this project writes it: one IDAT, no row filters. */
function pixelsOf(png: Buffer): (x: number, y: number) => number[] {
  const size = png.readUInt32BE(16)
  const rows = inflateSync(png.subarray(41, 41 + png.readUInt32BE(33)))
  return (x, y) => [...rows.subarray(y * (size * 3 + 1) + 1 + x * 3, y * (size * 3 + 1) + 4 + x * 3)]
}

test('a cover is the same PNG of 600 × 600 at every call', () => {
  const recipe = { family: 'rings', seed: 'a test', edition: 0, title: 'A Test', artist: 'Someone' } as const
  const png = renderCover(recipe)
  expect(png.subarray(0, 8)).toEqual(Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]))
  expect([png.readUInt32BE(16), png.readUInt32BE(20)]).toEqual([600, 600])
  expect(renderCover(recipe).equals(png)).toBe(true)
})

test('no two pictures of the catalogue are the same', () => {
  const { pictures } = renderJobs(demoCatalogue())
  const drawn = pictures.map(({ portrait, cover }) =>
    (portrait ? renderPortrait(cover) : renderCover(cover)).toString('base64'),
  )
  expect(new Set(drawn).size).toBe(pictures.length)
})

test('edges are as dark as the share of the pixel that they cover', () => {
  const canvas = new Canvas(10, '#ffffff')
  canvas.fill(rectangle(0.25, 0, 0.5, 1), '#000000')
  const pixel = pixelsOf(canvas.toPng())
  expect([1, 2, 3, 6, 7, 8].map((x) => pixel(x, 5)[0])).toEqual([255, 128, 0, 0, 128, 255])
})

test('rings have holes, shapes end at the edge of the picture, and half opacity is half', () => {
  const canvas = new Canvas(100, '#000000')
  canvas.fill(band(0.5, 0.5, 0.2, 0.4), '#ff0000')
  canvas.fill(circle(1.1, 0.05, 0.3), '#00ff00', 0.5)
  const pixel = pixelsOf(canvas.toPng())
  expect([pixel(50, 50), pixel(50, 20), pixel(50, 5)]).toEqual([
    [0, 0, 0],
    [255, 0, 0],
    [0, 0, 0],
  ])
  expect([pixel(99, 5), pixel(0, 5)]).toEqual([
    [0, 128, 0],
    [0, 0, 0],
  ])
})
