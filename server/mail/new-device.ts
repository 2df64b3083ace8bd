import { z } from 'zod'

const NewDevice = z.object({
  fullName: z.string().nullable(),
  deviceName: z.string(),
  platform: z.enum(['linux', 'macos', 'windows']),
  at: z.iso.datetime(),
})
export type NewDevice = z.infer<typeof NewDevice>

const PLATFORMS = { linux: 'Linux', macos: 'macOS', windows: 'Windows' }

/** What the owner of an account reads when a device joins it, as plain text. */
export function newDeviceMail(payload: unknown): { subject: string; text: string } {
  const { fullName, deviceName, platform, at } = NewDevice.parse(payload)
  return {
    subject: 'A new device on your MixMint account',
    text: `Hello${fullName === null ? '' : ` ${fullName}`},\n\n"${deviceName}" (${PLATFORMS[platform]}) was added to your MixMint account on ${new Date(at).toUTCString()}.\n\nIf this was you, there is nothing to do. If not, open Settings, Devices, remove it, and change your password.`,
  }
}
