import path from 'node:path'
import { LIBRARY_VOLUME } from '../../../main/core/library/volume.ts'
import { CRATE, LIBRARY } from '../../_kit/chaos/simulated-computer.ts'
import type { World } from './world.ts'

const MEDIA = '/media'
const OURS = 'stick'
const OTHER = 'other'

/** The drive with the library on it, and one of somebody else. Does nothing where the library is on no drive. */
export interface SimulatedDrives {
  goes(): void
  comes(): void
  anotherComes(): void
  /** The computer starts: what is plugged in may be mounted elsewhere than before. */
  boots(): void
}

export function createSimulatedDrives({ computer, roll }: World): SimulatedDrives {
  const isOnStick = computer.library !== LIBRARY

  function isIn(name: string): boolean {
    return computer.disk.mounts.has(name)
  }

  function isFree(place: string): boolean {
    return ![...computer.disk.mounts.values()].includes(place)
  }

  /** Until the application has seen the drive once, it knows it by nothing but its place. */
  function mayMove(): boolean {
    return computer.values.has(LIBRARY_VOLUME)
  }

  function goes(): void {
    if (!isOnStick || !isIn(OURS)) return
    const { disk } = computer
    const place = disk.mounts.get(OURS) ?? ''
    disk.pullOut(OURS, roll)
    // Some systems leave the folder behind at which it was mounted.
    if (roll.chance(0.4)) disk.makeFolder(place)
  }

  function comes(): void {
    if (!isOnStick || isIn(OURS)) return
    const first = path.join(MEDIA, OURS)
    if (!mayMove() && !isFree(first)) computer.disk.pullOut(OTHER, roll)
    const places = [first, `${first}1`, `${first}2`].filter(isFree)
    computer.disk.mount(OURS, mayMove() ? roll.pick(places) : first)
  }

  /** It is mounted where ours was, and has a folder of the same name. */
  function anotherComes(): void {
    if (!isOnStick || isIn(OTHER) || !mayMove()) return
    const { disk } = computer
    disk.makeFolder(`/volumes/${OTHER}/Music`)
    const places = [path.join(MEDIA, OURS), path.join(MEDIA, `${OURS}1`)].filter(isFree)
    if (places.length > 0) disk.mount(OTHER, roll.pick(places))
  }

  return {
    goes,
    comes,
    anotherComes,
    boots() {
      if (!isOnStick || !isIn(OURS) || !mayMove() || roll.chance(0.5)) return
      goes()
      comes()
    },
  }
}

/** Nothing is written to the drive of somebody else, nor into what is left of a place at which a drive was mounted. */
export function assertNothingStrayed({ computer: { disk, library } }: World): void {
  const places = [...disk.files().keys()].filter(
    (place) => !['/home/data', CRATE, library].some((folder) => place.startsWith(`${folder}/`)),
  )
  if (places.length > 0) throw new Error(`Written where nothing belongs: ${places.join(', ')}`)
}
