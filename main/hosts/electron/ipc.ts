import type { IpcMain, IpcMainInvokeEvent, WebContents } from 'electron'
import type { Failure, Reply } from '../../../contract/errors.ts'
import type { CoreEvent } from '../../../contract/events.ts'
import type { Core } from '../../core/ports.ts'
import { APP_ORIGIN, isAppAddress } from './own-address.ts'

/** The two channels between the app's page and the core: there are no others. */
export const CALL_CHANNEL = 'mixmint:call'
export const EVENT_CHANNEL = 'mixmint:event'

type Sender = Pick<IpcMainInvokeEvent, 'senderFrame' | 'sender'>

/** Whether a message comes from the app's own document in the top frame of its window. */
export function isFromApp({ senderFrame, sender }: Sender): boolean {
  if (senderFrame === null || senderFrame !== sender.mainFrame) return false
  return senderFrame.origin === APP_ORIGIN && isAppAddress(senderFrame.url)
}

/** Hands the page's calls to the core, which checks name and input; whoever else asks is refused. */
export function answerCalls(ipcMain: Pick<IpcMain, 'handle'>, core: Pick<Core, 'call'>): void {
  ipcMain.handle(CALL_CHANNEL, async (event, name: unknown, input: unknown): Promise<Reply<unknown>> => {
    if (!isFromApp(event)) return refused({ code: 'not-allowed', message: 'Only the app itself may call' })
    if (typeof name !== 'string') return refused({ code: 'unknown-call', message: 'There is no such call' })
    return await core.call(name, input)
  })
}

/** Sends an event of the core to the app's page, if it is there. */
export function sendEvent(contents: WebContents, event: CoreEvent): void {
  if (!contents.isDestroyed()) contents.send(EVENT_CHANNEL, event)
}

function refused(error: Failure): Reply<never> {
  return { ok: false, error }
}
