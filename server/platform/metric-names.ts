/** Every metric that this program keeps, with what it says. Names follow Prometheus: base units, counters end in total. */

/** From a cache's answer to a provider that hangs. */
const SECONDS = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10]
/** From a shopper who pays at once to one whose bank takes days. */
const LONG_SECONDS = [5, 15, 30, 60, 120, 300, 900, 1_800, 3_600, 21_600, 86_400, 259_200, 604_800]
/** In minor units: from one rupee to a million. */
const MINOR_UNITS = [100, 10_000, 25_000, 50_000, 100_000, 250_000, 500_000, 1_000_000, 10_000_000, 100_000_000]

export const COUNTERS = {
  hundi_orders_placed_total: { help: 'Orders placed', labels: ['payment_method', 'currency'] },
  hundi_orders_capped_total: { help: 'Orders refused because their client keeps too much unpaid', labels: [] },
  hundi_orders_confirmed_total: { help: 'Orders confirmed by money', labels: ['payment_method', 'currency'] },
  hundi_orders_cancelled_total: { help: 'Orders cancelled, by what ended them', labels: ['reason'] },
  hundi_payment_attempts_total: {
    help: "Attempts to pay, by what the provider's word made of them",
    labels: ['provider', 'method', 'outcome'],
  },
  hundi_payment_failures_total: {
    help: "Attempts that failed, by the provider's code",
    labels: ['provider', 'reason'],
  },
  hundi_refunds_total: { help: 'Refunds that came to an end or are under way', labels: ['provider', 'outcome'] },
  hundi_signatures_refused_total: {
    help: 'Returns of shoppers whose signature is not valid, by the route that they came to: verify, return',
    labels: ['place'],
  },
  hundi_webhooks_received_total: {
    help: 'Deliveries by their verdict: new, old (says nothing new), repeated, missing, invalid, unsure',
    labels: ['provider', 'verdict'],
  },
  hundi_webhooks_ended_total: {
    help: 'Events by what became of them: processed, retried, ignored, failed, replayed',
    labels: ['provider', 'outcome'],
  },
  hundi_provider_calls_total: {
    help: 'Calls to a provider by their outcome: accepted, refused, unknown',
    labels: ['provider', 'operation', 'outcome'],
  },
  hundi_slow_requests_total: { help: 'Requests that took more than five seconds', labels: ['route'] },
  hundi_outages_total: {
    help: 'Requests and passes that the database could not serve: time-outs, lost connections, no free connection',
    labels: ['where'],
  },
  hundi_groups_undone_total: {
    help: 'Groups that the database refused, so that each of their members was done alone',
    labels: ['lane'],
  },
  hundi_pass_failures_total: { help: 'Runs of a background pass that failed', labels: ['pass'] },
} as const satisfies Definitions

export const HISTOGRAMS = {
  hundi_order_value_minor_units: { help: 'Totals of placed orders', labels: ['currency'], buckets: MINOR_UNITS },
  hundi_order_confirmation_seconds: {
    help: 'From placing an order to its confirmation',
    labels: ['payment_method'],
    buckets: LONG_SECONDS,
  },
  hundi_order_fulfilment_seconds: {
    help: 'From the confirmation of an order to each step of its way',
    labels: ['step'],
    buckets: LONG_SECONDS,
  },
  hundi_payment_processing_seconds: {
    help: 'From opening a payment to its capture',
    labels: ['provider'],
    buckets: LONG_SECONDS,
  },
  hundi_webhook_processing_seconds: {
    help: 'From receiving an event to the end of its processing',
    labels: ['provider'],
    buckets: [...SECONDS, 60, 600, 7_200],
  },
  hundi_provider_call_seconds: { help: 'How long providers take', labels: ['provider', 'operation'], buckets: SECONDS },
  hundi_http_request_seconds: {
    help: 'How long requests take us once they are here, by the template of their route',
    labels: ['method', 'route', 'status'],
    buckets: SECONDS,
  },
  hundi_group_size: {
    help: 'How many share a transaction',
    labels: ['lane'],
    buckets: [1, 2, 4, 8, 16, 32, 64],
  },
  hundi_pass_seconds: { help: 'How long runs of a background pass take', labels: ['pass'], buckets: SECONDS },
} as const satisfies Definitions

export const GAUGES = {
  hundi_database_up: { help: 'Whether the figures of this scrape could be read from the database', labels: [] },
  hundi_database_connections: { help: 'Connections of a pool: used, idle, waiting', labels: ['pool', 'state'] },
  hundi_circuit_open: { help: 'Whether calls to a provider are held back by this process', labels: ['provider'] },
  hundi_queue_depth: { help: 'What is due now and not done', labels: ['queue'] },
  hundi_queue_overdue_seconds: { help: 'For how long the oldest of it has been due', labels: ['queue'] },
  hundi_paid_not_confirmed: { help: 'Orders whose money is here, or was promised, for minutes', labels: [] },
  hundi_review_items_open: { help: 'Questions that wait for a person', labels: [] },
  hundi_review_item_oldest_seconds: { help: 'For how long the oldest of them has waited', labels: [] },
  hundi_alerts_open: { help: 'Alerts that are open', labels: ['kind', 'severity'] },
  hundi_webhook_last_seconds: {
    help: 'Since the last authentic event of a provider, a day at most',
    labels: ['provider'],
  },
  hundi_check_violations: { help: 'What the last check of the books found', labels: [] },
  hundi_check_age_seconds: { help: 'Since the last check of the books', labels: [] },
} as const satisfies Definitions

type Definitions = Readonly<Record<string, { help: string; labels: readonly string[]; buckets?: readonly number[] }>>

export type CounterName = keyof typeof COUNTERS
export type HistogramName = keyof typeof HISTOGRAMS
export type GaugeName = keyof typeof GAUGES
