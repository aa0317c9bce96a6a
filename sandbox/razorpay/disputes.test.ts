/** Disputes: opened by a bank, accepted or contested by the merchant, and taken off the settlement when lost. */
import assert from 'node:assert/strict'
import test from 'node:test'
import { type Bench, bench, eventTypes, type Json } from '../test-bench.ts'

async function disputed(stand: Bench, more: Json = {}) {
  const { sandbox } = await stand.pay(await stand.order(), 'captured')
  await stand.ports.pass(10)
  stand.ports.delivered.length = 0
  const { body } = await stand.control(`/razorpay/_sandbox/payments/${sandbox.paymentId}/dispute`, more)
  return { paymentId: sandbox.paymentId, id: String(body.id), dispute: body }
}

test('a dispute is told by webhook with its payment, and can be fetched', async () => {
  await using stand = await bench()
  const { paymentId, id, dispute } = await disputed(stand, { amount: 20_000 })
  await stand.ports.pass(10)
  assert.deepEqual(
    [dispute.payment_id, dispute.amount, dispute.status, dispute.phase, dispute.amount_deducted],
    [paymentId, 20_000, 'open', 'chargeback', 0],
  )
  const event = JSON.parse(stand.ports.delivered[0]?.request.body ?? '')
  assert.deepEqual([event.event, event.contains], ['payment.dispute.created', ['payment', 'dispute']])
  assert.equal(event.payload.dispute.entity.id, id)
  assert.deepEqual((await stand.http.get(`/v1/disputes/${id}`)).data, dispute)
  assert.deepEqual((await stand.http.get('/v1/disputes')).data.items, [dispute])
})

test('an accepted dispute is lost and comes off the settlement', async () => {
  await using stand = await bench()
  const { id } = await disputed(stand, { amount: 20_000 })
  const { data } = await stand.http.post(`/v1/disputes/${id}/accept`, {})
  assert.deepEqual([data.status, data.amount_deducted], ['lost', 20_000])
  const again = await stand.http.post(`/v1/disputes/${id}/accept`, {}, { validateStatus: () => true })
  assert.equal(again.status, 400)
  await stand.ports.pass(3 * 86_400_000)
  const settlements = (await stand.http.get('/v1/settlements')).data.items as Json[]
  assert.deepEqual(
    settlements.map(({ amount }) => amount),
    [48_820 - 20_000],
  )
})

test('a contested dispute is reviewed and won or lost by the bank', async () => {
  await using stand = await bench()
  const { id } = await disputed(stand)
  const draft = await stand.http.patch(`/v1/disputes/${id}/contest`, { action: 'draft', summary: 'was delivered' })
  assert.equal(draft.data.status, 'open')
  const sent = await stand.http.patch(`/v1/disputes/${id}/contest`, { action: 'submit' })
  assert.equal(sent.data.status, 'under_review')
  assert.equal((sent.data.evidence as Json).summary, 'was delivered')
  const advance = (to: string) => stand.control(`/razorpay/_sandbox/disputes/${id}/advance`, { to })
  assert.equal((await advance('won')).body.status, 'won')
  assert.equal((await advance('lost')).status, 409)
  await stand.ports.pass(10)
  const told = ['payment.dispute.created', 'payment.dispute.under_review', 'payment.dispute.won']
  assert.deepEqual(eventTypes(stand.ports), told)
})

test('only a captured payment can be disputed, and by no more than its amount', async () => {
  await using stand = await bench()
  const { sandbox } = await stand.pay(await stand.order(), 'failed')
  const path = `/razorpay/_sandbox/payments/${sandbox.paymentId}/dispute`
  assert.equal((await stand.control(path, {})).status, 409)
  const { paymentId } = await disputed(stand)
  const over = await stand.control(`/razorpay/_sandbox/payments/${paymentId}/dispute`, { amount: 50_001 })
  assert.equal(over.status, 400)
})
