import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { OrderEvent } from '../../../../../shared/contract/orders.ts'
import { anEvent, anOrder, at, fixtureIds as ids } from './story-fixture.ts'
import type { StoryRow } from './story-row.ts'
import { tellStory } from './tell-story.ts'

const line = (row: StoryRow) => {
  const mark = 'at' in row.mark ? row.mark.at : `${row.mark.from}>${row.mark.to}`
  return `${mark} ${row.tone}: ${row.title}`
}
const said = (row: StoryRow | undefined) => row?.detail.join('')

/** An order of which nothing is still expected. */
const settled = () =>
  anOrder({ shopOrders: [], payments: anOrder().payments.map((each) => ({ ...each, refunds: [] })) })

const nothing = {
  events: [],
  providerCalls: [],
  webhookEvents: [],
  ledger: [],
  reviewItems: [],
  older: null,
  refundableAlone: null,
  leastRefunds: {},
}

const tell = (...events: OrderEvent[]) => tellStory(settled(), { ...nothing, events })

const byAdmin = (type: string, data: Record<string, unknown>): OrderEvent => ({
  ...anEvent(100, type.split('.')[0] ?? '', ids.payment, '>', 'admin', 'api', data),
  type,
})

test('what a person does to a payment is told as theirs, with the reason', () => {
  for (const [type, title] of [
    ['payment.capture_requested', 'An admin asked for the capture'],
    ['payment.marked_paid', 'An admin saw the money in the bank'],
    ['payment.attached', 'An admin attached a payment'],
    ['payment.written_off', 'An admin wrote off the difference'],
  ] as const) {
    const [row] = tell(byAdmin(type, { note: 'Seen on the statement' }))
    assert.ok(row)
    assert.equal(line(row), `hundi message: ${title}`)
    assert.equal(said(row), 'Reason: Seen on the statement.')
  }
})

test('a second person’s word is told, whichever it is', () => {
  const [agreed] = tell(byAdmin('refund.approved', { reason: 'Photos seen' }))
  assert.equal(agreed && line(agreed), 'hundi refund: A second person agreed')
  assert.equal(said(agreed), 'Reason: Photos seen.')
  const [declined] = tell(byAdmin('refund.declined', { reason: 'Too much' }))
  assert.equal(declined && line(declined), 'hundi refusal: A second person declined')
  const [taken] = tell({ ...byAdmin('refund.declined', {}), actor: 'system' })
  assert.equal(taken?.title, 'The refund was taken back')
})

test('an answered question says what was decided and why', () => {
  const [row] = tell({ ...byAdmin('review.resolved', { action: 'confirm', note: 'One rupee' }), subject: 'payment' })
  assert.equal(row && line(row), 'hundi message: An admin decided: accepted as the payment')
  assert.equal(said(row), 'Reason: One rupee.')
})

test('a decision is told once, as the person’s', () => {
  const reviewItems = [
    { id: 'r1', kind: 'amount_differs', summary: 'Differs.', createdAt: at(10), resolvedAt: at(100) },
    { id: 'r2', kind: 'payment_undecided', summary: 'No answer.', createdAt: at(20), resolvedAt: at(100) },
  ]
  const events = [byAdmin('review.resolved', { kind: 'amount_differs', action: 'refund' })]
  const rows = tellStory(settled(), { ...nothing, events, reviewItems }).map(line)
  assert.deepEqual(rows.toSorted(), [
    'hundi effect: Looked at and closed',
    'hundi message: An admin decided: sent back',
    'hundi review: A person has to look',
    'hundi review: A person has to look',
  ])
})

test('FX6 a decision that waits is told when it is asked for, and when it is agreed to, declined or taken back', () => {
  const titles = [
    byAdmin('decision.requested', { action: 'cancel', note: 'Sold out' }),
    byAdmin('decision.agreed', { action: 'cancel' }),
    byAdmin('decision.declined', { action: 'write_off' }),
    byAdmin('decision.declined', { action: 'mark_paid', takenBack: true }),
  ].map((event) => tell({ ...event, subject: 'order' }).map(line))
  assert.deepEqual(titles, [
    ['hundi message: An admin asked to cancel the order; a second person must agree'],
    ['hundi message: A second person agreed to cancel the order'],
    ['hundi refusal: A second person declined to write money off'],
    ['hundi refusal: Taken back: to count it as paid by bank transfer'],
  ])
})

test('a refund that waits for a second person is not promised to the bank', () => {
  const [payment] = anOrder().payments
  const [refund] = payment?.refunds ?? []
  assert.ok(payment && refund)
  const order = anOrder({
    shopOrders: [],
    payments: [{ ...payment, refunds: [{ ...refund, status: 'requested', approval: 'pending' }] }],
  })
  assert.deepEqual(tellStory(order, nothing).map(line), ['hundi coming: A second person agrees, or declines'])
})
