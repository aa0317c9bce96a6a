/** The admin calls that watch over the machine: webhooks, the questions to the books, alerts. */
import type { User } from '../shared/contract/accounts.ts'
import type { Alert, CheckRun } from '../shared/contract/operations.ts'
import type { RejectedDelivery, WebhookEvent, WebhookEventDetail } from '../shared/contract/webhooks.ts'
import { type CallOptions, type CursorPage, cursorPage } from './admin-lists.ts'
import type { Transport } from './transport.ts'

export type WebhookStatus = 'received' | 'processed' | 'ignored' | 'failed'
export type WebhookFilter = {
  provider?: string | undefined
  status?: WebhookStatus | undefined
  type?: string | undefined
  orderId?: string | undefined
  cursor?: string | undefined
}
export type RejectedFilter = { provider?: string | undefined; cursor?: string | undefined }
export type AlertFilter = { status?: 'open' | 'resolved' | undefined; cursor?: string | undefined }

/** All twelve questions read whole tables, so their answer may take a while. */
const CHECK_TIMEOUT_MS = 120_000

export function watchCalls(http: Transport) {
  return {
    /** Events that providers sent, newest first. */
    async listWebhooks(filter: WebhookFilter, options: CallOptions = {}): Promise<CursorPage<WebhookEvent>> {
      return cursorPage(await http.request('GET', WEBHOOKS, { ...options, query: filter }), 'events')
    },
    async getWebhook(id: string, options: CallOptions = {}): Promise<WebhookEventDetail> {
      const { data } = await http.request('GET', `${WEBHOOKS}/${encodeURIComponent(id)}`, options)
      return data as WebhookEventDetail
    },
    /** Processes an event again from what was stored. What it says is taken once, however often it is replayed. */
    async replayWebhook(id: string): Promise<WebhookEventDetail> {
      const { data } = await http.request('POST', `${WEBHOOKS}/${encodeURIComponent(id)}/replay`, { body: {} })
      return data as WebhookEventDetail
    },
    /** The kept sample of deliveries that were refused. */
    async listRejected(filter: RejectedFilter, options: CallOptions = {}): Promise<CursorPage<RejectedDelivery>> {
      return cursorPage(await http.request('GET', `${WEBHOOKS}/rejected`, { ...options, query: filter }), 'deliveries')
    },

    /** What the books answered, newest first. */
    async listChecks(cursor: string | undefined, options: CallOptions = {}): Promise<CursorPage<CheckRun>> {
      return cursorPage(await http.request('GET', '/api/admin/checks', { ...options, query: { cursor } }), 'checks')
    },
    /** Asks all questions now; about all of history, or only about what is new. */
    async runCheck(full: boolean): Promise<CheckRun> {
      const { data } = await http.request('POST', '/api/admin/checks', {
        query: { full },
        body: {},
        timeoutMs: CHECK_TIMEOUT_MS,
      })
      return (data as { check: CheckRun }).check
    },

    /** Everybody whose role is admin, to name who did what. */
    async listAdmins(options: CallOptions = {}): Promise<User[]> {
      const query = { role: 'admin', limit: 100 }
      const { data } = await http.request('GET', '/api/admin/users', { ...options, query })
      return (data as { users: User[] }).users
    },
    async listAlerts(filter: AlertFilter, options: CallOptions = {}): Promise<CursorPage<Alert>> {
      return cursorPage(await http.request('GET', '/api/admin/alerts', { ...options, query: filter }), 'alerts')
    },
    /** Says that somebody is on it. It stays open until its cause is gone. */
    async acknowledgeAlert(id: string): Promise<Alert> {
      const path = `/api/admin/alerts/${encodeURIComponent(id)}/acknowledge`
      const { data } = await http.request('POST', path, { body: {} })
      return (data as { alert: Alert }).alert
    },
  }
}

const WEBHOOKS = '/api/admin/webhooks'
