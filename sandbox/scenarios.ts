/**
 * The named ways in which a payment can go: the only list of them. The control API, the payment window, the page and
 * the tests use these names, for every provider. A scenario says what happens at the provider (`tries`), what the
 * shopper's page is told (`browser`), how webhooks are told (`hooks`), and, for people, which of the three channels
 * learns of it at once, later, or never.
 */
import type { HookPolicy } from './webhooks/outbox.ts'

const SECOND = 1000
const MINUTE = 60 * SECOND

/** One attempt of the shopper. Delays are milliseconds at the provider's own speed. */
export interface Try {
  /** `captured` means that the bank said yes; whether it is captured then follows the order's capture setting. */
  result: 'captured' | 'authorized' | 'failed' | 'pending'
  /** How the payment differs from what the order asks. */
  differs?: 'short' | 'over' | 'currency'
  /** Captured although the order asks for manual capture, or is paid already. */
  forced?: boolean
  later?: {
    afterMs: number
    to: 'captured' | 'authorized' | 'failed' | 'refunded' | 'part-refunded'
    hooks?: HookPolicy
  }
  /** What becomes of a refund that the merchant asks for; without it the refund is processed at once. */
  refunds?: 'fail' | 'late' | 'return' | 'refuse'
}

/** What one channel learns: the truth at once, a refusal, the truth later, or nothing. */
export type Told = 'yes' | 'refused' | 'later' | 'never'

export interface Scenario {
  name: string
  title: string
  /** One short sentence on what it is like. */
  description: string
  /** What the button says that makes it happen. */
  deed: string
  page: Told
  hook: Told
  api: Told
  /** What the payment window shows under "What you will see": when, and what. */
  story: Array<{ at: string; text: string; certain: boolean }>
  tries: Try[]
  /** What the page's own script receives: see {@link Scenario.page} for how sure that is. */
  browser: 'success' | 'failure' | 'failure-then-success' | 'closed' | 'forged-success'
  hooks: HookPolicy
  /** A webhook that tells of money that does not exist, signed with a false secret. */
  forgedHook?: boolean
}

const NOW: HookPolicy = { kind: 'now' }
const LATE_WEBHOOK_MS = 90 * SECOND

export const SCENARIOS: readonly Scenario[] = [
  {
    name: 'captured',
    title: 'Pays',
    description: 'Everyone is told at once',
    deed: 'Pay {amount}',
    page: 'yes',
    hook: 'yes',
    api: 'yes',
    story: [
      { at: 'now', text: 'The page gets a signature and asks to verify', certain: true },
      { at: 'now', text: 'Webhooks: authorized, captured, order paid', certain: true },
      { at: 'now', text: 'The API answers captured', certain: true },
    ],
    tries: [{ result: 'captured' }],
    browser: 'success',
    hooks: NOW,
  },
  {
    name: 'failed',
    title: 'Bank declines',
    description: 'The shopper can try again',
    deed: 'Decline {amount}',
    page: 'refused',
    hook: 'refused',
    api: 'refused',
    story: [
      { at: 'now', text: 'The page is told why, the window stays open', certain: true },
      { at: 'now', text: 'Webhook: payment failed', certain: true },
    ],
    tries: [{ result: 'failed' }],
    browser: 'failure',
    hooks: NOW,
  },
  {
    name: 'closed',
    title: 'Leaves the window',
    description: 'Nothing was paid; the order stays open',
    deed: 'Leave without paying',
    page: 'never',
    hook: 'never',
    api: 'never',
    story: [{ at: 'now', text: 'The page is told that the window closed, and no more', certain: true }],
    tries: [],
    browser: 'closed',
    hooks: NOW,
  },
  {
    name: 'captured_webhook_late',
    title: 'Pays, webhook 90 s late',
    description: 'The page stays on "confirming" unless the API is asked',
    deed: 'Pay {amount}, hook 90 s late',
    page: 'yes',
    hook: 'later',
    api: 'yes',
    story: [
      { at: 'now', text: 'The page gets a signature and asks to verify', certain: true },
      { at: 'now', text: 'The API answers captured, if asked', certain: true },
      { at: '+90 s', text: 'Webhook: captured, signed', certain: false },
    ],
    tries: [{ result: 'captured' }],
    browser: 'success',
    hooks: { kind: 'late', afterMs: LATE_WEBHOOK_MS },
  },
  {
    name: 'never_told',
    title: 'Pays, nobody is told',
    description: 'Only asking the API finds it',
    deed: 'Pay {amount}, tell nobody',
    page: 'never',
    hook: 'never',
    api: 'yes',
    story: [
      { at: 'now', text: 'The page sees the window close, as if nothing was paid', certain: true },
      { at: 'now', text: 'The API answers captured, if asked', certain: true },
    ],
    tries: [{ result: 'captured' }],
    browser: 'closed',
    hooks: { kind: 'lost' },
  },
  {
    name: 'failed_then_authorized_late',
    title: 'Declined, then paid after all',
    description: 'Ten minutes later, out of order',
    deed: 'Decline {amount}, pay later',
    page: 'refused',
    hook: 'later',
    api: 'later',
    story: [
      { at: 'now', text: 'The page and a webhook say failed', certain: true },
      {
        at: '+10 min',
        text: 'The bank says yes after all: the same payment is authorized and captured',
        certain: false,
      },
    ],
    tries: [{ result: 'failed', later: { afterMs: 10 * MINUTE, to: 'captured' } }],
    browser: 'failure',
    hooks: NOW,
  },
  {
    name: 'authorized',
    title: 'Authorized, not captured',
    description: 'The money waits for a capture call',
    deed: 'Authorize {amount}',
    page: 'yes',
    hook: 'yes',
    api: 'yes',
    story: [
      { at: 'now', text: 'The page gets a signature', certain: true },
      { at: 'now', text: 'Webhook: authorized', certain: true },
      { at: '+3 days', text: 'Not captured by then, it goes back to the shopper', certain: false },
    ],
    tries: [{ result: 'authorized' }],
    browser: 'success',
    hooks: NOW,
  },
  {
    name: 'authorized_then_captured',
    title: 'Authorized, captured 5 s later',
    description: 'The provider captures by itself, after the page has asked',
    deed: 'Pay {amount}, capture later',
    page: 'yes',
    hook: 'later',
    api: 'later',
    story: [
      { at: 'now', text: 'The page gets a signature; API and webhook say authorized', certain: true },
      { at: '+5 s', text: 'Webhooks and API: captured, order paid', certain: false },
    ],
    tries: [{ result: 'authorized', later: { afterMs: 5 * SECOND, to: 'captured' } }],
    browser: 'success',
    hooks: NOW,
  },
  {
    name: 'pending',
    title: 'Bank does not answer',
    description: 'Pending for ten minutes, then failed',
    deed: 'Ask for {amount}, no answer',
    page: 'never',
    hook: 'later',
    api: 'later',
    story: [
      { at: 'now', text: 'The page sees the window close', certain: true },
      { at: '+10 min', text: 'The provider gives up: failed', certain: false },
    ],
    tries: [{ result: 'pending', later: { afterMs: 10 * MINUTE, to: 'failed' } }],
    browser: 'closed',
    hooks: NOW,
  },
  {
    name: 'pending_then_captured',
    title: 'Bank answers after a minute',
    description: 'The window is closed by then',
    deed: 'Pay {amount} in a minute',
    page: 'never',
    hook: 'later',
    api: 'later',
    story: [
      { at: 'now', text: 'The page sees the window close', certain: true },
      { at: '+60 s', text: 'Webhooks and API: captured', certain: false },
    ],
    tries: [{ result: 'pending', later: { afterMs: MINUTE, to: 'captured' } }],
    browser: 'closed',
    hooks: NOW,
  },
  {
    name: 'captured_webhook_lost',
    title: 'Pays, webhook lost',
    description: 'The page knows, no webhook ever comes',
    deed: 'Pay {amount}, lose the hook',
    page: 'yes',
    hook: 'never',
    api: 'yes',
    story: [
      { at: 'now', text: 'The page gets a signature and asks to verify', certain: true },
      { at: 'now', text: 'The API answers captured, if asked', certain: true },
    ],
    tries: [{ result: 'captured' }],
    browser: 'success',
    hooks: { kind: 'lost' },
  },
  {
    name: 'captured_handler_lost',
    title: 'Pays, then the tab is gone',
    description: 'Only webhook and API know',
    deed: 'Pay {amount}, lose the tab',
    page: 'never',
    hook: 'yes',
    api: 'yes',
    story: [
      { at: 'now', text: 'The page sees the window close, as if nothing was paid', certain: true },
      { at: 'now', text: 'Webhooks: authorized, captured, order paid', certain: true },
    ],
    tries: [{ result: 'captured' }],
    browser: 'closed',
    hooks: NOW,
  },
  {
    name: 'failed_then_captured',
    title: 'Declined once, then pays',
    description: 'Two attempts on one order',
    deed: 'Decline, then pay {amount}',
    page: 'yes',
    hook: 'yes',
    api: 'yes',
    story: [
      { at: 'now', text: 'The page and a webhook say failed', certain: true },
      { at: 'now', text: 'A second attempt succeeds: signature, webhooks, API', certain: true },
    ],
    tries: [{ result: 'failed' }, { result: 'captured' }],
    browser: 'failure-then-success',
    hooks: NOW,
  },
  {
    name: 'double_capture',
    title: 'Pays twice',
    description: 'Two captures on one order; one must go back',
    deed: 'Pay {amount} twice',
    page: 'yes',
    hook: 'yes',
    api: 'yes',
    story: [
      { at: 'now', text: 'The page gets the signature of the first payment', certain: true },
      { at: 'now', text: 'Webhooks and API: two payments captured', certain: true },
    ],
    tries: [
      { result: 'captured', forced: true },
      { result: 'captured', forced: true },
    ],
    browser: 'success',
    hooks: NOW,
  },
  {
    name: 'short_capture',
    title: 'Pays one rupee less',
    description: 'The order is not covered',
    deed: 'Pay one less than {amount}',
    page: 'yes',
    hook: 'yes',
    api: 'yes',
    story: [
      { at: 'now', text: 'The page gets a valid signature', certain: true },
      { at: 'now', text: 'Webhooks and API: captured, 1.00 short', certain: true },
    ],
    tries: [{ result: 'captured', differs: 'short', forced: true }],
    browser: 'success',
    hooks: NOW,
  },
  {
    name: 'over_capture',
    title: 'Pays one rupee more',
    description: 'More than the order asked',
    deed: 'Pay one more than {amount}',
    page: 'yes',
    hook: 'yes',
    api: 'yes',
    story: [
      { at: 'now', text: 'The page gets a valid signature', certain: true },
      { at: 'now', text: 'Webhooks and API: captured, 1.00 over', certain: true },
    ],
    tries: [{ result: 'captured', differs: 'over', forced: true }],
    browser: 'success',
    hooks: NOW,
  },
  {
    name: 'wrong_currency',
    title: 'Pays in another currency',
    description: 'The same digits, other money',
    deed: 'Pay in other money',
    page: 'yes',
    hook: 'yes',
    api: 'yes',
    story: [
      { at: 'now', text: 'The page gets a valid signature', certain: true },
      { at: 'now', text: 'Webhooks and API: captured in another currency', certain: true },
    ],
    tries: [{ result: 'captured', differs: 'currency', forced: true }],
    browser: 'success',
    hooks: NOW,
  },
  {
    name: 'captured_webhook_twice',
    title: 'Pays, every webhook twice',
    description: 'The same event at the same moment',
    deed: 'Pay {amount}, hooks twice',
    page: 'yes',
    hook: 'yes',
    api: 'yes',
    story: [
      { at: 'now', text: 'The page gets a signature and asks to verify', certain: true },
      { at: 'now', text: 'Each webhook comes twice, with one event id', certain: true },
    ],
    tries: [{ result: 'captured' }],
    browser: 'success',
    hooks: { kind: 'twice' },
  },
  {
    name: 'captured_webhook_reversed',
    title: 'Pays, webhooks in reverse',
    description: 'Order paid comes before authorized',
    deed: 'Pay {amount}, hooks in reverse',
    page: 'yes',
    hook: 'yes',
    api: 'yes',
    story: [
      { at: 'now', text: 'The page gets a signature and asks to verify', certain: true },
      { at: 'now', text: 'Webhooks: order paid, captured, authorized', certain: true },
    ],
    tries: [{ result: 'captured' }],
    browser: 'success',
    hooks: { kind: 'reversed' },
  },
  {
    name: 'forged_page',
    title: 'Page forges a success',
    description: 'A false signature; nothing was paid',
    deed: 'Forge a success',
    page: 'refused',
    hook: 'never',
    api: 'never',
    story: [{ at: 'now', text: 'The page gets a made-up payment id and signature', certain: true }],
    tries: [],
    browser: 'forged-success',
    hooks: NOW,
  },
  {
    name: 'forged_webhook',
    title: 'Someone forges a webhook',
    description: 'A false signature; nothing was paid',
    deed: 'Forge a webhook',
    page: 'never',
    hook: 'refused',
    api: 'never',
    story: [
      { at: 'now', text: 'A webhook says captured, signed with a secret nobody gave out', certain: true },
      { at: 'now', text: 'The page sees the window close', certain: true },
    ],
    tries: [],
    browser: 'closed',
    hooks: NOW,
    forgedHook: true,
  },
  {
    name: 'captured_then_refunded',
    title: 'Pays, refunded at the dashboard',
    description: 'Thirty seconds later, not asked for by the shop',
    deed: 'Pay {amount}, then give it back',
    page: 'yes',
    hook: 'yes',
    api: 'yes',
    story: [
      { at: 'now', text: 'Everyone is told: captured', certain: true },
      { at: '+30 s', text: 'The whole amount goes back, by hand at the provider', certain: false },
    ],
    tries: [{ result: 'captured', later: { afterMs: 30 * SECOND, to: 'refunded' } }],
    browser: 'success',
    hooks: NOW,
  },
  {
    name: 'captured_then_part_refunded',
    title: 'Pays, half refunded at the dashboard',
    description: 'Thirty seconds later, not asked for by the shop',
    deed: 'Pay {amount}, then give half back',
    page: 'yes',
    hook: 'yes',
    api: 'yes',
    story: [
      { at: 'now', text: 'Everyone is told: captured', certain: true },
      { at: '+30 s', text: 'Half goes back, by hand at the provider; the payment stays captured', certain: false },
    ],
    tries: [{ result: 'captured', later: { afterMs: 30 * SECOND, to: 'part-refunded' } }],
    browser: 'success',
    hooks: NOW,
  },
  {
    name: 'refund_fails',
    title: 'Pays, a refund will fail',
    description: 'Accepted at first, then refused by the bank',
    deed: 'Pay {amount}, fail its refund',
    page: 'yes',
    hook: 'yes',
    api: 'yes',
    story: [
      { at: 'now', text: 'Everyone is told: captured', certain: true },
      { at: 'on refund', text: 'The refund is pending, then fails; the money stays', certain: false },
    ],
    tries: [{ result: 'captured', refunds: 'fail' }],
    browser: 'success',
    hooks: NOW,
  },
  {
    name: 'refund_late',
    title: 'Pays, a refund takes a minute',
    description: 'Pending first, then processed',
    deed: 'Pay {amount}, slow its refund',
    page: 'yes',
    hook: 'yes',
    api: 'yes',
    story: [
      { at: 'now', text: 'Everyone is told: captured', certain: true },
      { at: 'on refund', text: 'The refund is pending for a minute', certain: false },
    ],
    tries: [{ result: 'captured', refunds: 'late' }],
    browser: 'success',
    hooks: NOW,
  },
  {
    name: 'refund_fails_late',
    title: 'Pays, a refund comes back',
    description: 'Processed, and returned by the bank three days later',
    deed: 'Pay {amount}, return its refund',
    page: 'yes',
    hook: 'yes',
    api: 'yes',
    story: [
      { at: 'now', text: 'Everyone is told: captured', certain: true },
      {
        at: 'on refund',
        text: 'The refund is processed; three days later it fails and the money is back',
        certain: false,
      },
    ],
    tries: [{ result: 'captured', refunds: 'return' }],
    browser: 'success',
    hooks: NOW,
  },
  {
    name: 'refund_refused',
    title: 'Pays, refunds are refused',
    description: 'The account has not enough balance',
    deed: 'Pay {amount}, refuse its refund',
    page: 'yes',
    hook: 'yes',
    api: 'yes',
    story: [
      { at: 'now', text: 'Everyone is told: captured', certain: true },
      { at: 'on refund', text: 'The API refuses with 400; no refund is made', certain: false },
    ],
    tries: [{ result: 'captured', refunds: 'refuse' }],
    browser: 'success',
    hooks: NOW,
  },
]

const BY_NAME = new Map(SCENARIOS.map((scenario) => [scenario.name, scenario]))

/** The scenario of that name; hyphens are as good as underscores. */
export function findScenario(name: string): Scenario | undefined {
  return BY_NAME.get(name.replaceAll('-', '_'))
}

/** What people and programs outside are shown of a scenario. */
export function describeScenario(scenario: Scenario) {
  const { name, title, description, deed, page, hook, api, story } = scenario
  return { name, title, description, deed, page, hook, api, story }
}
