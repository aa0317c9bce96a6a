/** What opens an order to whom: tokens that cannot be guessed, and that are of one order alone. */
import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { audienceOf, type Principal } from '../accounts/account.ts'
import { systemPorts } from '../platform/ports.ts'
import { assertMaySee, digestOf, guestTokenFor, isOwner, isReturnToken, returnTokenFor } from './access.ts'

const SECRET = 'only-for-tests-7f1c0f0b5d3a4e6c9b8a'
const ORDER = '01a1fdcf-ebc6-77b8-8ec8-94a6bfe04637'
const GUESTS = { user_id: null, guest_token_hash: digestOf(guestTokenFor(SECRET, ORDER)) }
const NOBODY = { principal: undefined, guestToken: undefined }

const person = (userId: string, role: Principal['role'] = 'customer') => ({ userId, role }) as unknown as Principal

describe("A15 D16 a guest's token", () => {
  test('has 256 bits, and is the same whenever it is made', () => {
    const token = guestTokenFor(SECRET, ORDER)
    assert.equal(Buffer.from(token, 'base64url').length * 8, 256)
    assert.equal(guestTokenFor(SECRET, ORDER), token)
  })

  test('is of one order and one secret', () => {
    const other = ORDER.replace(/7$/, '8')
    const tokens = [guestTokenFor(SECRET, ORDER), guestTokenFor(SECRET, other), guestTokenFor(`${SECRET}!`, ORDER)]
    assert.equal(new Set(tokens).size, 3)
    assert.deepEqual(
      tokens.map((guestToken) => isOwner(GUESTS, { ...NOBODY, guestToken })),
      [true, false, false],
    )
  })

  for (const guestToken of ['', 'x', digestOf(guestTokenFor(SECRET, ORDER)), `${guestTokenFor(SECRET, ORDER)} `]) {
    test(`is not ${JSON.stringify(guestToken.slice(0, 12))}, whatever its length`, () => {
      assert.throws(() => assertMaySee(GUESTS, { ...NOBODY, guestToken }), { code: 'not_your_order' })
    })
  }

  test('opens no order of somebody who has an account', () => {
    const owned = { user_id: 'ananya', guest_token_hash: null }
    assert.throws(() => assertMaySee(owned, { ...NOBODY, guestToken: guestTokenFor(SECRET, ORDER) }), {
      code: 'not_your_order',
    })
  })
})

describe('M10 the token of a browser that came back from the provider', () => {
  const HOUR = 3_600_000
  const made = new Date('2026-11-21T09:00:00Z')
  const token = returnTokenFor(SECRET, ORDER, made)
  const opens = (given: string, afterMs = 0, order = ORDER, secret = SECRET) =>
    isReturnToken(secret, order, given, new Date(made.getTime() + afterMs))

  test('is good for an hour, and not at the moment at which that ends, nor ever after', () => {
    assert.deepEqual(
      [0, HOUR - 1, HOUR, HOUR + 1, 24 * HOUR].map((afterMs) => opens(token, afterMs)),
      [true, true, false, false, false],
    )
  })

  test('is of one order and one secret', () => {
    assert.equal(opens(token, 0, ORDER.replace(/7$/, '8')), false)
    assert.equal(opens(token, 0, ORDER, `${SECRET}!`), false)
  })

  test('cannot be given more time, nor anything else, by whoever holds it', () => {
    const [until = '', mac = ''] = token.split('.')
    for (const forged of [
      `${Number(until) + 1}.${mac}`,
      `${until}.${mac}.`,
      `${until}.${mac.slice(0, -1)}`,
      `${until}.`,
      `.${mac}`,
      `1e13.${mac}`,
      mac,
      '',
      guestTokenFor(SECRET, ORDER),
    ]) {
      assert.equal(opens(forged), false, forged)
    }
  })

  test('does not open the order itself', () => {
    assert.equal(isOwner(GUESTS, { ...NOBODY, guestToken: token }), false)
  })
})

test('an order is for its customer and for admins; nobody is asked to sign in', () => {
  const owned = { user_id: 'ananya', guest_token_hash: null }
  assertMaySee(owned, { ...NOBODY, principal: person('ananya') })
  assertMaySee(owned, { ...NOBODY, principal: person('ravi', 'admin') })
  assert.throws(() => assertMaySee(owned, { ...NOBODY, principal: person('ravi') }), { code: 'not_your_order' })
  assert.throws(() => assertMaySee(owned, NOBODY), { code: 'unauthenticated' })
})

test('M4 only an admin reads what staff wrote: a seller who buys is a shopper as all others', () => {
  assert.deepEqual([person('ravi', 'admin'), person('meera', 'seller'), person('ananya'), undefined].map(audienceOf), [
    'staff',
    'shopper',
    'shopper',
    'shopper',
  ])
})

test('D16 the number of an order tells neither the next one nor how many there were', () => {
  const { ids } = systemPorts()
  const drawn = Array.from({ length: 2_000 }, () => ids.readable(8))
  assert.equal(new Set(drawn).size, drawn.length)
  const rising = drawn.filter((number, at) => at > 0 && number > (drawn[at - 1] ?? '')).length
  // Of random numbers every second one is larger than the one before; of counted ones nearly all are, or none.
  assert.ok(rising > 800 && rising < 1_200, `${rising} of 2000 rise`)
})
