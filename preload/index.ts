/**
 * What the app's page sees of Electron: `window.mixmint` with one way to call and one to listen. Runs sandboxed, in a world of its own;
 * no object of Electron passes to the page.
 */
import { contextBridge, ipcRenderer } from 'electron'
import { createPageBridge } from './page-bridge.ts'

contextBridge.exposeInMainWorld('mixmint', createPageBridge(ipcRenderer))
