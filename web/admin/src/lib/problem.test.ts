import assert from 'node:assert/strict'
import { test } from 'node:test'
import { ApiError } from '../../../../client/api-error.ts'
import { deedProblem } from './problem.ts'

const refusal = (code: string, message: string) => new ApiError({ code, status: 409, message })

test('a refusal says that nothing was done, and why', () => {
  assert.equal(deedProblem(refusal('out_of_stock', 'There is one left.')), 'Nothing was done. There is one left.')
  assert.equal(
    deedProblem(refusal('invalid_transition', 'It is delivered.')),
    'It has moved on in the meantime, so nothing was done. It is delivered.',
  )
})

test('FX6 why a second person is needed is said as the server says it, and an answered question once', () => {
  assert.equal(
    deedProblem(refusal('second_person_needed', 'Whoever asked for it cannot also be the one who agrees to it.')),
    'Nothing was done. Whoever asked for it cannot also be the one who agrees to it.',
  )
  assert.equal(
    deedProblem(refusal('already_resolved', 'It is resolved.')),
    'Somebody has answered this already, so nothing was done.',
  )
})

test('a field that is wrong is named as the page names it', () => {
  const wrong = (field: string, message: string) =>
    new ApiError({
      code: 'validation_failed',
      status: 400,
      message: 'The request is not valid.',
      details: { fields: [{ field, message }] },
    })
  assert.equal(
    deedProblem(wrong('reference', 'has paid another order')),
    'Nothing was done. The reference has paid another order.',
  )
  assert.equal(
    deedProblem(wrong('items.0.quantity', 'must not be above 1')),
    'Nothing was done. The choice of things must not be above 1.',
  )
  assert.equal(deedProblem(wrong('odd', 'is odd')), 'Nothing was done. odd is odd.')
})

test('an unknown payment is told apart from a failure of the network', () => {
  assert.match(deedProblem(refusal('payment_state_unknown', 'Razorpay did not answer.')), /nothing is done on a guess/)
  const silence = new ApiError({ code: 'timeout', status: 0, message: 'No answer in time.' })
  assert.match(deedProblem(silence), /^No answer, so we do not know whether it was done\./)
})

test('a fault of the page itself claims no more than it knows', () => {
  assert.equal(deedProblem(new TypeError('x is not a function')), 'Nothing was done.')
})
