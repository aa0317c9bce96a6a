/** The merchant account at the simulated Razorpay: its keys, settings and books, handed to every file of this folder. */
import type { World } from '../world.ts'
import type { Outbox } from '../webhooks/outbox.ts'
import type { RazorpayTables, Step } from './tables.ts'

export interface RazorpayKeys {
  keyId: string
  keySecret: string
  webhookSecret: string
}

export interface RazorpaySettings {
  /** Captures what is authorized, where the order does not say otherwise; the default of every account. */
  autoCapture: boolean
  /** How long a fresh change stays out of the list endpoints, in milliseconds of this simulator. */
  listLagMs: number
}

export const DEFAULT_SETTINGS: RazorpaySettings = { autoCapture: true, listLagMs: 0 }

export interface Shop {
  world: World
  tables: RazorpayTables
  outbox: Outbox
  accountId: string
  keys: RazorpayKeys
  /** Where browsers see the sandbox, when that is not its own address. */
  publicOrigin: string | undefined
  settings: RazorpaySettings
  /** Does what was planned for later; see steps.ts. */
  performStep(step: Step): void
}

export const PROVIDER = 'razorpay'
