/** Switches that open the app to another program, weaken its page, or change which programs it starts. */
const REFUSED = [
  'remote-debugging-port',
  'remote-debugging-pipe',
  'inspect',
  'inspect-brk',
  'inspect-port',
  'js-flags',
  'disable-web-security',
  'ignore-certificate-errors',
  'ignore-certificate-errors-spki-list',
  'host-rules',
  'host-resolver-rules',
  'load-extension',
  'gpu-launcher',
  'renderer-cmd-prefix',
  'utility-cmd-prefix',
] as const

/** The first switch on the command line with which the packaged app does not start; null when there is none. */
export function refusedSwitch(hasSwitch: (name: string) => boolean): string | null {
  return REFUSED.find(hasSwitch) ?? null
}
