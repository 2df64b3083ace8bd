/** The role that the server's sessions belong to. It inherits nothing, so a statement outside `asCaller` can read no table. */
export const LOGIN_ROLE = 'mixmint_api'

/** The settings that the login role brings by itself when it signs in, for sessions that take it over later. */
export const SESSION = `set timezone = 'UTC'; set search_path = public, extensions; set statement_timeout = '5s';
  set lock_timeout = '2s'; set idle_in_transaction_session_timeout = '10s'`
