/** One step of the local schema. Applied once, in the order of the list; never edited after it was released. */
export interface LocalMigration {
  /** Unique over all features: `<feature>-<number>-<what>`. */
  readonly name: string
  readonly sql: string
}
