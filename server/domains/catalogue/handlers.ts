import type { Handlers } from '../../../contract/call.ts'
import type { catalogue } from '../../../contract/catalogue.ts'
import type { CallContext } from '../../context.ts'
import { getDj } from './get-dj.ts'
import { getPack } from './get-pack.ts'
import { getTrack } from './get-track.ts'
import { home } from './home.ts'
import { listDjs } from './list-djs.ts'
import { listGenres } from './list-genres.ts'
import { listPacks } from './list-packs.ts'
import { listTracks } from './list-tracks.ts'

export const catalogueHandlers = {
  home,
  listTracks,
  getTrack,
  listPacks,
  getPack,
  listDjs,
  getDj,
  listGenres,
} satisfies Handlers<typeof catalogue, 'server', CallContext>
