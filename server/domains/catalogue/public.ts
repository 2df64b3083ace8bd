export {
  type AccessDecision,
  decideAccess,
  type GrantedAccess,
  quotaOf,
  type RefusalReason,
  type RefusedAccess,
} from './access-rules.ts'
export { rightsFor } from './caller-rights.ts'
export type { ContentFacts, FileFormat, ObjectFacts } from './content-facts.ts'
export { contentQuery, readContent } from './content-rows.ts'
export { contentFor, packEntriesFor } from './find-content.ts'
export { type PublicObject, publicObject } from './media-rows.ts'
export { fromCursor, toCursor } from './page-cursor.ts'
export { packsById, tracksById, tracksOfPacks } from './summaries.ts'
export { countReady as countReadyTracks } from './track-rows.ts'
