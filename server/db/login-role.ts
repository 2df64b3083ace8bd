/** The role that the server's sessions belong to. It inherits nothing, so a statement outside `asCaller` can read no table. */
export const LOGIN_ROLE = 'mixmint_api'

/** The settings that the login role brings by itself when it signs in, for sessions that take it over later. */
export const SESSION = `set timezone = 'UTC'; set search_path = public, extensions`

/**
 * Its time limits. Not for the embedded engine: that can not interrupt a statement, nobody holds a lock there, and its only session, hence the whole
 * database, ends where a transaction outlasts its limit: a computer that sleeps, or a process that is stopped, in the middle of one is enough.
 */
export const LIMITS = `set statement_timeout = '5s'; set lock_timeout = '2s'; set idle_in_transaction_session_timeout = '10s'`
