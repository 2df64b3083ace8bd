import type { Needs } from '../../context.ts'
import { selectGenres } from './genre-rows.ts'

export async function listGenres({ tx }: Needs<'tx'>) {
  return { genres: await selectGenres(tx) }
}
