import type { ServerServices } from '../../services.ts'

/** What local sign-in is built over. */
export type SignInServices = Pick<ServerServices, 'db' | 'config' | 'clock' | 'random' | 'log' | 'mailer' | 'secrets'>

/** Where a request of local sign-in comes from. */
export interface SignInOrigin {
  readonly address: string
  readonly userAgent: string | null
}
