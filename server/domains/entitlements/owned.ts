import type { ContentType } from '../../../contract/values.ts'

/** A content that an account may download now, and why. */
export interface OwnedRow {
  readonly content_type: ContentType
  readonly content_id: string
  readonly access: 'purchase' | 'fan_entitlement' | 'subscription'
  readonly since: Date
  /** `since` with all its digits, for the cursor. */
  readonly since_text: string
  readonly title: string
}

/** Where a page of owned content ended. */
export interface OwnedSince {
  readonly since: string
  readonly contentId: string
}
