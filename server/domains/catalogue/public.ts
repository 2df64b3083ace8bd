export type { ContentFacts, ObjectFacts } from './content-facts.ts'
export { contentFor, packEntriesFor } from './find-content.ts'
export { packsById, tracksById, tracksOfPacks } from './summaries.ts'
