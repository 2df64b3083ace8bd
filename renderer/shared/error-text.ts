import { AppError, type ErrorCode, isErrorCode } from '../../contract/errors.ts'

export interface ErrorText {
  /** What happened. */
  readonly what: string
  /** What we do about it, or what the user can do. */
  readonly remedy: string
}

const text = (what: string, remedy: string): ErrorText => ({ what, remedy })
const OURS = 'Please try again. If it happens again, tell us what you were doing.'
const AGAIN = 'MixMint asks for a new permission and goes on by itself.'
const SIGN_IN = 'Sign in again; your files stay where they are.'

/** What the user reads for every failure. */
export const ERROR_TEXT = {
  'invalid-input': text('Something in this form is not right', 'Look at the marked fields.'),
  'malformed-request': text('The request could not be read', OURS),
  'too-large': text('That is too large to send', 'Try with less at once.'),
  'wrong-host': text(
    'This address does not belong to MixMint',
    'Open MixMint with the link it printed when it started.',
  ),
  'unknown-call': text('This version does not know how to do that', 'Update MixMint, then try again.'),
  'not-found': text('This is not here any more', 'It may have been taken out of the store.'),
  'not-allowed': text('Your account may not do that', 'Ask the person who runs the store if you think it should.'),
  'rate-limited': text('That was a lot at once', 'Wait a minute, then try again.'),
  'idempotency-mismatch': text('The order changed while it was being sent', 'Close this and start the checkout again.'),
  'idempotency-in-progress': text('The order is still being worked on', 'Wait a moment; nothing is charged twice.'),
  'server-busy': text('The store is very busy', 'MixMint tries again by itself in a moment.'),
  internal: text('Something went wrong on our side', OURS),
  'not-signed-in': text('You are not signed in', 'Sign in to go on.'),
  'session-expired': text('Your session has ended', SIGN_IN),
  'invalid-credentials': text('The e-mail address or the password is wrong', 'Check both, or choose a new password.'),
  'account-exists': text(
    'This e-mail address can’t be used to sign up',
    'If it is yours, sign in or choose a new password.',
  ),
  'weak-password': text(
    'This password is too easy to guess',
    'Use at least 8 characters; a few words in a row are good.',
  ),
  'code-expired': text('The code is wrong or too old', 'Ask for a new code and use the newest mail.'),
  'email-unconfirmed': text(
    'Look into your mail to go on',
    'We sent you a mail: it confirms the address, or tells you that you have an account already. Then sign in.',
  ),
  'account-suspended': text(
    'This account is suspended',
    'Write to support to learn why. Files you already have stay yours.',
  ),
  'fresh-sign-in-required': text(
    'Please sign in again for this',
    'It protects your account when something important changes.',
  ),
  'use-dpop-nonce': text('The connection had to be renewed', 'MixMint does this by itself. Try again.'),
  'invalid-dpop-proof': text(
    'This computer could not prove who it is',
    'Check the clock of this computer, then try again.',
  ),
  'device-unknown': text('This computer is not one of your devices', 'Register it under Devices.'),
  'device-revoked': text(
    'This computer was removed from your account',
    'Sign in again to register it; your files stay where they are.',
  ),
  'device-limit': text('All your devices are in use', 'Remove one that you no longer use, then go on here.'),
  'already-owned': text('You already own this', 'You find it in your library; nothing was charged.'),
  'not-for-sale': text('This is not sold by itself', 'It comes with a pack or a plan of the DJ.'),
  'payment-not-open': text('This payment is already closed', 'Look at the order, or start again.'),
  'bad-signature': text(
    'A message of the payment provider was refused',
    'You were not charged by it. Check the payment again.',
  ),
  'payment-mismatch': text(
    'The payment does not match the order',
    'Nothing is lost: write to support with the order number.',
  ),
  'no-entitlement': text('You don’t have this yet', 'Buy it, or get it with a plan of the DJ.'),
  'super-plan-required': text('This is for members of the Super plan', 'See the plans on the page of the DJ.'),
  'subscription-expired': text(
    'Your plan with this DJ has ended',
    'Renew it, or buy the track. What you downloaded stays yours.',
  ),
  'quota-exhausted': text(
    'Your plan has nothing left this period',
    'It fills up again with the next period; or buy the track.',
  ),
  'attempts-exhausted': text('No download attempts are left', 'Write to support: they can give you new ones.'),
  'token-unknown': text('The download permission was not known', AGAIN),
  'token-used': text('The download permission was already used', AGAIN),
  'token-expired': text('The download permission was too old', AGAIN),
  'token-wrong-device': text(
    'The download permission belongs to another device',
    'Start the download on this computer.',
  ),
  'attempt-closed': text('This download was closed by the store', AGAIN),
  'content-revoked': text('Access to this was withdrawn', 'A refund may be the reason. Look at your orders.'),
  'content-changed': text('The DJ has put up a new version of this file', 'MixMint starts again with the new version.'),
  'range-not-granted': text('The store refused that part of the file', AGAIN),
  'range-not-satisfiable': text('The store refused that part of the file', AGAIN),
  'overlapping-ranges': text('The store refused that part of the file', OURS),
  'ip-locked': text('Your network changed', AGAIN),
  'rebind-limit': text(
    'Your network changed too often',
    'Sign in again to show that it is you; the download goes on where it was.',
  ),
  'byte-budget': text('This download has sent more than it should', AGAIN),
  'hash-mismatch': text('The file did not arrive as it was sold', 'MixMint fetches the damaged parts again.'),
  'storage-unavailable': text(
    'The file store can’t be reached',
    'MixMint tries again by itself; no attempt is used up.',
  ),
  'format-not-offered': text('The store does not have it in that format', 'Choose one of the formats of the track.'),
  'method-not-allowed': text('That can’t be done this way', OURS),
  'crate-exists': text('You already have a crate with this name', 'Choose another name.'),
  'revision-conflict': text(
    'The crate was changed on another computer',
    'Both versions were kept. Look at your crates.',
  ),
  offline: text(
    'There is no connection to the store',
    'Your library and files still work. MixMint goes on when it is back.',
  ),
  'slow-connection': text(
    'The connection is very slow',
    'MixMint keeps what is here and goes on by itself when the line is better.',
  ),
  'proxy-refused': text(
    'The proxy of this network refused the connection',
    'Ask whoever runs the network, or use another one. MixMint tries again by itself.',
  ),
  'metered-connection': text(
    'This connection is paid by volume',
    'Say whether MixMint may use it, or wait for another one.',
  ),
  'captive-portal': text(
    'A sign-in page of your network is in the way',
    'Open a web page in your browser and sign in to the network.',
  ),
  'untrusted-server': text('The store could not prove who it is', 'Check your clock and network. Nothing was sent.'),
  'corrupt-source': text('The bytes that arrive are damaged', 'MixMint tries again later; the store has been told.'),
  'disk-full': text('There is not enough space on the disk', 'Free some space; MixMint goes on where it stopped.'),
  'drive-missing': text('The drive is not connected', 'Connect it, then try again; downloads go on by themselves.'),
  'folder-missing': text('The folder is not there', 'Connect the drive, or choose another folder.'),
  'folder-not-writable': text('The folder can’t be written to', 'Choose another folder, or change its permissions.'),
  'disk-error': text('The disk reported an error', 'Check the drive. What is verified is kept.'),
  'no-secret-store': text(
    'This computer has no safe place for your sign-in',
    'Unlock the keychain of your system, then try again.',
  ),
  'data-in-use': text('Another MixMint is already running', 'Use that window, or close it first.'),
  'database-in-use': text('Another process uses the database', 'Close it first.'),
  'newer-data': text('Your data come from a newer MixMint', 'Update this MixMint; nothing was changed.'),
  'invalid-config': text('The configuration is not valid', 'Look at the settings this MixMint was started with.'),
  'not-on-this-disk': text('The file is not on this computer', 'Download it again: you own it.'),
  'not-downloadable': text('The download can’t do that now', 'Look at its state and try again.'),
} as const satisfies Record<ErrorCode, ErrorText>

/** The words for anything that was thrown: never a code, a stack or an address. */
export function errorText(error: unknown): ErrorText {
  return error instanceof AppError ? ERROR_TEXT[error.code] : ERROR_TEXT.internal
}

/** The words for a code that came as text, with the sentence that came along when the code is not known here. */
export function reasonText(reason: { readonly code: string; readonly message: string }): ErrorText {
  return isErrorCode(reason.code) ? ERROR_TEXT[reason.code] : { what: reason.message, remedy: '' }
}

export function errorCode(error: unknown): ErrorCode {
  return error instanceof AppError ? error.code : 'internal'
}
