import { platform, userInfo } from 'node:os'

/** Folders in which this system mounts volumes. */
export function volumeParents(): readonly string[] {
  if (platform() === 'darwin') return ['/Volumes']
  if (platform() === 'win32') return []
  const { username } = userInfo()
  return [`/media/${username}`, `/run/media/${username}`, '/mnt']
}
