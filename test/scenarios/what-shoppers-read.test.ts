/**
 * What a shopper reads of an order's money, for every scenario of the sandbox and what follows from it: the status route,
 * the payment page, the order's page and the list, in their exact words. The real server and the sandbox answer; the words
 * come from the functions that the pages use.
 *
 * Read a row as a shopper would: is every sentence true at that moment, and does it say what to do next?
 */
import assert from 'node:assert/strict'
import { after, test } from 'node:test'
import { findScenario, SCENARIOS } from '../../sandbox/scenarios.ts'
import { assertAllWell, atRest, providerTimePasses } from '../buyer.ts'
import { OVER, openReviewWorld, placeAs, type ReviewWorld } from '../reviews.ts'
import { ShopperPage, type Read } from '../shopper-page.ts'
import * as read from '../shopper-readings.ts'

const SECOND = 1_000
const MINUTE = 60 * SECOND
const DAY = 86_400 * SECOND

/** What happens between two readings. */
const MOMENTS = {
  'at once': async () => {},
  'a minute later': ({ shop }) => atRest(shop, 61 * SECOND),
  'ten minutes later': async ({ shop }) => {
    await providerTimePasses(shop, 11 * MINUTE)
    await atRest(shop)
    await atRest(shop, 61 * SECOND)
  },
  'four days later': async ({ shop }) => {
    await providerTimePasses(shop, 4 * DAY)
    await atRest(shop)
  },
  'its time is over': ({ shop }) => atRest(shop, 31 * MINUTE),
  'the shopper cancels': async ({ shop, customer }, orderId) => {
    const cancelled = await shop.call('POST', `/api/orders/${orderId}/cancel`, { as: customer, body: {} })
    assert.equal(cancelled.status, 200, JSON.stringify(cancelled.body))
  },
  'a worker has sent it': ({ shop }) => atRest(shop),
  'a person accepts it': ({ desk }, orderId) => decide(desk, orderId, 'confirm'),
  'a person sends it back': ({ desk }, orderId) => decide(desk, orderId, 'refund'),
  'a person keeps it': ({ desk }, orderId) => decide(desk, orderId, 'write_off'),
} as const satisfies Record<string, (world: ReviewWorld, orderId: string) => Promise<void>>

async function decide(desk: ReviewWorld['desk'], orderId: string, action: string): Promise<void> {
  const [item] = await desk.openOf(orderId)
  assert.ok(item)
  await desk.decided(item.id, { action, reason: 'Written for colleagues' })
}

type Moment = keyof typeof MOMENTS

const TABLE: readonly { scenario: string; amount?: number; moments: readonly (readonly [Moment, Read])[] }[] = [
  { scenario: 'captured', moments: [['at once', read.PAID]] },
  {
    scenario: 'failed',
    moments: [
      ['at once', read.DECLINED],
      ['its time is over', read.FAILED_ENDED],
    ],
  },
  {
    scenario: 'closed',
    moments: [
      ['at once', read.LEFT],
      ['its time is over', read.CLOSED_ENDED],
    ],
  },
  { scenario: 'closed', moments: [['the shopper cancels', read.CLOSED_CANCELLED]] },
  { scenario: 'captured_webhook_late', moments: [['at once', read.PAID]] },
  { scenario: 'never_told', moments: [['at once', read.PAID]] },
  {
    scenario: 'failed_then_authorized_late',
    moments: [
      ['at once', read.DECLINED],
      ['ten minutes later', read.FAILED_THEN_AUTHORIZED_LATE_LATER],
    ],
  },
  {
    scenario: 'authorized',
    moments: [
      ['at once', read.CONFIRMING],
      ['a minute later', read.PAID],
    ],
  },
  {
    scenario: 'authorized',
    amount: OVER,
    moments: [
      ['at once', read.AUTHORIZED_IN_ANOTHER_AMOUNT],
      ['a minute later', read.AUTHORIZED_IN_ANOTHER_AMOUNT_LATER],
    ],
  },
  {
    scenario: 'authorized_then_captured',
    moments: [
      ['at once', read.CONFIRMING],
      ['ten minutes later', read.PAID],
    ],
  },
  {
    scenario: 'pending',
    moments: [
      ['at once', read.UNDECIDED],
      ['ten minutes later', read.PENDING_LATER],
    ],
  },
  {
    scenario: 'pending_then_captured',
    moments: [
      ['at once', read.UNDECIDED],
      ['ten minutes later', read.PAID],
    ],
  },
  { scenario: 'captured_webhook_lost', moments: [['at once', read.PAID]] },
  { scenario: 'captured_handler_lost', moments: [['at once', read.PAID]] },
  { scenario: 'failed_then_captured', moments: [['at once', read.FAILED_THEN_AUTHORIZED_LATE_LATER]] },
  {
    scenario: 'double_capture',
    moments: [
      ['at once', read.DOUBLE_CAPTURE],
      ['a worker has sent it', read.DOUBLE_CAPTURE_SENT],
    ],
  },
  {
    scenario: 'short_capture',
    moments: [
      ['at once', read.SHORT_CAPTURE],
      ['a person accepts it', read.SHORT_CAPTURE_ACCEPTED],
    ],
  },
  {
    scenario: 'short_capture',
    moments: [
      ['at once', read.SHORT_CAPTURE],
      ['the shopper cancels', read.SHORT_CAPTURE_CANCELLED],
      ['a person keeps it', read.SHORT_CAPTURE_KEPT],
    ],
  },
  {
    scenario: 'over_capture',
    moments: [
      ['at once', read.OVER_CAPTURE],
      ['a person accepts it', read.OVER_CAPTURE_ACCEPTED],
      ['a worker has sent it', read.OVER_CAPTURE_SENT],
    ],
  },
  {
    scenario: 'wrong_currency',
    moments: [
      ['at once', read.WRONG_CURRENCY],
      ['a person sends it back', read.WRONG_CURRENCY_RETURNED],
      ['a worker has sent it', read.WRONG_CURRENCY_SENT],
      ['its time is over', read.WRONG_CURRENCY_ENDED],
    ],
  },
  { scenario: 'captured_webhook_twice', moments: [['at once', read.PAID]] },
  { scenario: 'captured_webhook_reversed', moments: [['at once', read.PAID]] },
  { scenario: 'forged_page', moments: [['at once', read.FORGED_PAGE]] },
  { scenario: 'forged_webhook', moments: [['at once', read.LEFT]] },
  {
    scenario: 'captured_then_refunded',
    moments: [
      ['at once', read.PAID],
      ['ten minutes later', read.CAPTURED_THEN_REFUNDED_LATER],
    ],
  },
  {
    scenario: 'captured_then_part_refunded',
    moments: [
      ['at once', read.PAID],
      ['ten minutes later', read.CAPTURED_THEN_PART_REFUNDED_LATER],
    ],
  },
  {
    scenario: 'refund_fails',
    moments: [
      ['at once', read.PAID],
      ['the shopper cancels', read.GOING_BACK],
      ['a worker has sent it', read.ASKED_TO_GO_BACK],
      ['ten minutes later', read.NOT_GONE_BACK],
    ],
  },
  {
    scenario: 'refund_late',
    moments: [
      ['at once', read.PAID],
      ['the shopper cancels', read.GOING_BACK],
      ['a worker has sent it', read.ASKED_TO_GO_BACK],
      ['ten minutes later', read.GONE_BACK],
    ],
  },
  {
    scenario: 'refund_fails_late',
    moments: [
      ['at once', read.PAID],
      ['the shopper cancels', read.GOING_BACK],
      ['a worker has sent it', read.GONE_BACK],
      ['four days later', read.REFUND_FAILS_LATE_LATER],
    ],
  },
  {
    scenario: 'refund_refused',
    moments: [
      ['at once', read.PAID],
      ['the shopper cancels', read.GOING_BACK],
      ['a worker has sent it', read.NOT_GONE_BACK],
      ['a person sends it back', read.REFUND_REFUSED_RETURNED],
    ],
  },
]

const world = await openReviewWorld()
after(() => world.shop.close())

for (const { scenario, amount, moments } of TABLE) {
  const told = moments.map(([moment]) => moment).join(', ')
  test(`M8 M3 M5 M7 ${scenario}${amount === undefined ? '' : ' of another amount'}: ${told}`, async () => {
    const found = findScenario(scenario)
    assert.ok(found)
    const placed = await placeAs(world.shop, world.customer, world.productId)
    const page = new ShopperPage(world.shop, world.customer, placed)
    await page.pay(found, amount)
    for (const [moment, expected] of moments) {
      await MOMENTS[moment](world, placed.orderId)
      const now = await page.read()
      // Which of two pieces of news came first is not what this table is about.
      assert.deepEqual({ ...now, story: now.story.toSorted() }, expected, moment)
      assertNeverAskedTwice(now)
    }
    await atRest(world.shop)
    await assertAllWell(world.shop)
  })
}

/** Whatever the words: money that is here, or at the bank, is never asked for. */
function assertNeverAskedTwice({ route, buttons, head }: Read): void {
  if (!/heldForReview|failedToGoBack|kept|under_review|verified/.test(route)) return
  assert.ok(![...buttons, ...head].some((words) => words.startsWith('Pay ')), route)
}

test('M8 every scenario of the sandbox has its row', () => {
  const rows = new Set(TABLE.map(({ scenario }) => scenario))
  assert.deepEqual(
    SCENARIOS.map(({ name }) => name).filter((name) => !rows.has(name)),
    [],
  )
})
