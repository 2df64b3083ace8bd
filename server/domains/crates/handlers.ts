import type { Handlers } from '../../../contract/call.ts'
import type { crates } from '../../../contract/crates.ts'
import type { CallContext } from '../../context.ts'
import { deleteRecord } from './delete-record.ts'
import { listRecords } from './list-records.ts'
import { saveRecord } from './save-record.ts'

export const cratesHandlers = { listRecords, saveRecord, deleteRecord } satisfies Handlers<
  typeof crates,
  'server',
  CallContext
>
