import type { Account } from '../../../contract/identity.ts'
import type { Mail } from '../../ports.ts'

const PLATFORMS = { linux: 'Linux', macos: 'macOS', windows: 'Windows' }

/** What the owner of an account reads when a device joins it. */
export function newDeviceMail(
  { email, fullName }: Account,
  { name, platform }: { name: string; platform: keyof typeof PLATFORMS },
  at: Date,
): Mail {
  return {
    to: email,
    subject: 'A new device on your MixMint account',
    text: `Hello${fullName === null ? '' : ` ${fullName}`},

"${name}" (${PLATFORMS[platform]}) was added to your MixMint account on ${at.toUTCString()}.

If this was you, there is nothing to do. If not, open Settings → Devices, remove it, and change your password.`,
  }
}
