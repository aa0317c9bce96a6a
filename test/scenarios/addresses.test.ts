/** Where parcels go: what is kept of an address, what is refused and by which field; and every other text of a customer's. */
import assert from 'node:assert/strict'
import { after, afterEach, before, describe, test } from 'node:test'
import { sql } from '../../server/platform/database.ts'
import { assertAllWell, place, rowCounts } from '../buyer.ts'
import { ADDRESS, orderBody, stockedShop, type Answer, type Shop } from '../shop.ts'

let shop: Shop
let productId: string
let admin: { authorization: string }

before(async () => {
  ;({ shop, productId, admin } = await stockedShop({ stock: 1_000 }))
})
afterEach(() => assertAllWell(shop))
after(() => shop.close())

const order = (change: Record<string, unknown>) =>
  shop.call('POST', '/api/orders', { body: { ...orderBody(productId), shippingAddress: { ...ADDRESS, ...change } } })

async function kept(change: Record<string, unknown>): Promise<Record<string, unknown>> {
  const answer = await order(change)
  assert.equal(answer.status, 201, JSON.stringify(answer.body))
  return answer.body.data.order.shippingAddress
}

/** Expects a refusal that names these fields and writes nothing. */
async function refused(send: () => Promise<Answer>, ...fields: string[]): Promise<Answer> {
  const before = await rowCounts(shop.db)
  const answer = await send()
  assert.deepEqual([answer.status, answer.body.error?.code], [400, 'validation_failed'], JSON.stringify(answer.body))
  const named = answer.body.error.details.fields.map((each: { field: string }) => each.field)
  assert.deepEqual(named.sort(), fields.sort())
  assert.deepEqual(await rowCounts(shop.db), before)
  return answer
}

const INVISIBLE = '\u200B\u202E \u2060\u001B\n\u3164'

describe('FA1 text that hides something', () => {
  test('FA1 each line is cleaned, and kept on one line', async () => {
    const address = await kept({
      name: ' Ana\u202Enya\u200B  Deshpande ',
      line1: '14 Prabhat Road,\nLane 9\u001B[31m',
      line2: 'behind\tthe\u2028well',
      city: '\uFEFFPune\u00A0',
      state: ' Maharashtra\u200B',
    })
    assert.deepEqual(address, {
      ...ADDRESS,
      name: 'Ananya Deshpande',
      line1: '14 Prabhat Road, Lane 9[31m',
      line2: 'behind the well',
      city: 'Pune',
    })
    const names = await shop.db.many(
      'test.names',
      sql`select distinct customer_name as name from orders where customer_name like 'Ananya%'`,
    )
    assert.deepEqual(names, [{ name: 'Ananya Deshpande' }])
  })

  for (const field of ['name', 'line1', 'city', 'state'] as const) {
    test(`FA1 nothing visible in ${field}: refused by that field`, async () => {
      await refused(() => order({ [field]: INVISIBLE }), `shippingAddress.${field}`)
    })
  }

  test('FA1 all that is wrong is named at once; a second line of nothing is none', async () => {
    await refused(
      () => order({ name: INVISIBLE, city: '\u00A0', postalCode: '1' }),
      'shippingAddress.name',
      'shippingAddress.city',
      'shippingAddress.postalCode',
    )
    assert.equal('line2' in (await kept({ line2: INVISIBLE })), false)
  })

  test('FA1 names in scripts that join letters are kept as they are', async () => {
    const name = 'അവന്\u200D ക്\u200Dഷ'.normalize('NFC')
    assert.equal((await kept({ name }))['name'], name)
  })

  test('FA1 a reason to cancel is cleaned, and one of nothing is none', async () => {
    for (const [reason, note] of [
      ['Bought\u202E by\u200B mistake\u001B', 'Bought by mistake'],
      [INVISIBLE, undefined],
    ] as const) {
      const { orderId, guestToken } = await place(shop, productId)
      const answer = await shop.call('POST', `/api/orders/${orderId}/cancel`, { guestToken, body: { reason } })
      assert.equal(answer.status, 200, JSON.stringify(answer.body))
      const event = await shop.db.one<{ data: { note?: string } }>(
        'test.event',
        sql`select data from events where order_id = ${orderId} and type = 'order.cancelled'`,
      )
      assert.equal(event.data.note, note)
    }
  })

  test('FA1 a reason that staff must give has something to see', async () => {
    const { paymentId } = await place(shop, productId)
    await refused(
      () => shop.call('POST', `/api/payments/${paymentId}/capture`, { as: admin, body: { reason: INVISIBLE } }),
      'reason',
    )
  })
})

describe('FA2 addresses of other countries, and of India', () => {
  const abroad = { line2: undefined, state: undefined, postalCode: undefined }
  const TAKEN: [what: string, sent: Record<string, unknown>, kept: Record<string, unknown>][] = [
    ['Dubai, without code or state', { ...abroad, city: 'Dubai', country: 'AE' }, {}],
    ['Dubai, with its emirate', { ...abroad, city: 'Dubai', state: 'Dubai', country: 'AE' }, { state: 'Dubai' }],
    ['Dubai, with a code that means nothing', { ...abroad, city: 'Dubai', postalCode: '00000', country: 'AE' }, {}],
    ['Doha', { ...abroad, city: 'Doha', country: 'QA' }, {}],
    ['Hong Kong, with empty fields', { ...abroad, city: 'Kowloon', state: '', postalCode: '', country: 'HK' }, {}],
    ['Singapore', { ...abroad, city: 'Singapore', postalCode: '238823', country: 'SG' }, { postalCode: '238823' }],
    ['Singapore, without its code', { ...abroad, city: 'Singapore', country: 'SG' }, {}],
    ['Berlin', { ...abroad, city: 'Berlin', postalCode: '10117', country: 'DE' }, { postalCode: '10117' }],
    ['London', { ...abroad, city: 'London', postalCode: 'sw1a 1aa', country: 'GB' }, { postalCode: 'SW1A 1AA' }],
    [
      'New York',
      { ...abroad, city: 'New York', state: 'NY', postalCode: '10001-1234', country: 'US' },
      { state: 'NY', postalCode: '10001-1234' },
    ],
    ['a PIN code with blanks', { postalCode: ' 411 004 ' }, { state: 'Maharashtra', postalCode: '411004' }],
    ['a state by its code', { state: 'IN-MH' }, { state: 'Maharashtra', postalCode: '411004' }],
    ['a state in small letters', { state: 'maharashtra' }, { state: 'Maharashtra', postalCode: '411004' }],
    [
      'a district on both sides of a border',
      { city: 'Mohali', state: 'Punjab', postalCode: '160055' },
      { state: 'Punjab', postalCode: '160055' },
    ],
    [
      'a post office of the army',
      { city: '56 APO', state: 'Assam', postalCode: '900056' },
      { state: 'Assam', postalCode: '900056' },
    ],
  ]
  for (const [what, sent, expected] of TAKEN) {
    test(`FA2 ${what}: taken`, async () => {
      const { state, postalCode } = await kept(sent)
      assert.deepEqual({ state, postalCode }, { state: undefined, postalCode: undefined, ...expected })
    })
  }

  const REFUSED: [what: string, sent: Record<string, unknown>, ...fields: string[]][] = [
    ['no such country', { country: 'ZZ' }, 'country'],
    ['a country that ISO has not assigned', { country: 'XK' }, 'country'],
    ['Germany without a code', { ...abroad, city: 'Berlin', country: 'DE' }, 'postalCode'],
    ['the United States without a state', { ...abroad, city: 'Boston', postalCode: '02108', country: 'US' }, 'state'],
    ['a code of one letter', { ...abroad, city: 'Berlin', postalCode: 'x', country: 'DE' }, 'postalCode'],
    ['a PIN code of another state', { postalCode: '560001' }, 'postalCode'],
    ['a state of another PIN code', { state: 'Goa' }, 'postalCode'],
    ['a PIN code that no circle has', { postalCode: '290001' }, 'postalCode'],
    ['five digits', { postalCode: '41100' }, 'postalCode'],
    ['a PIN code that begins with 0', { postalCode: '011004' }, 'postalCode'],
    ['letters in it', { postalCode: '4110O4' }, 'postalCode'],
    ['no PIN code', { postalCode: undefined }, 'postalCode'],
    ['no state', { state: undefined }, 'state'],
    ['no state of India', { state: 'Ontario' }, 'state'],
  ]
  for (const [what, sent, ...fields] of REFUSED) {
    test(`FA2 ${what}: refused by field`, async () => {
      await refused(() => order(sent), ...fields.map((field) => `shippingAddress.${field}`))
    })
  }

  test('FA2 what is said of a PIN code names the state', async () => {
    const answer = await refused(() => order({ postalCode: '560001' }), 'shippingAddress.postalCode')
    assert.equal(answer.body.error.message, 'shippingAddress.postalCode: is not a PIN code of Maharashtra')
  })
})
