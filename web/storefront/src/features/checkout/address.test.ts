import assert from 'node:assert/strict'
import { test } from 'node:test'
import {
  ADDRESS_FIELDS,
  addressProblem,
  addressProblems,
  EMPTY_ADDRESS,
  formOfAddress,
  parseAddressForm,
  phoneDigits,
  problemsFromServer,
  shippingAddress,
  type AddressField,
  type AddressForm,
} from './address.ts'

const form: AddressForm = {
  email: 'ananya@example.com',
  name: ' Ananya Deshpande ',
  phone: '98123 45210',
  postalCode: '411 004',
  line1: '14 Prabhat Road, Lane 9',
  line2: '',
  city: 'Thiruvananthapuram',
  state: 'Maharashtra',
}

const ROWS: [AddressField, string, string | null][] = [
  ['email', 'ananya@example.com', null],
  ['email', 'ananya@example', 'That is not a whole address yet, like ananya@example.com.'],
  ['email', '  ', 'So that the shop can reach you about this order.'],
  ['name', 'A', null],
  ['name', '', 'Whom should the courier ask for?'],
  ['name', 'x'.repeat(101), 'At most 100 letters, please. This has 101.'],
  ['phone', '9812345210', null],
  ['phone', '+91 98123 45210', null],
  ['phone', '09812345210', null],
  ['phone', '98123', 'Ten digits, please. This has 5.'],
  ['phone', '98123452101', 'Ten digits, please. This has 11.'],
  ['phone', '2812345210', 'Mobile numbers in India begin with 6, 7, 8 or 9.'],
  ['phone', '', 'The courier calls before coming.'],
  ['postalCode', '411004', null],
  ['postalCode', '411 004', null],
  ['postalCode', '41100', 'Six digits, please. This has 5.'],
  ['postalCode', '4110a4', 'Digits only, please.'],
  ['postalCode', '011004', 'A PIN code does not begin with 0.'],
  ['postalCode', '', 'Six digits, as on a letter.'],
  ['line1', '', 'House and street, so that the box finds you.'],
  ['line2', '', null],
  ['line2', 'x'.repeat(201), 'At most 200 letters, please. This has 201.'],
  ['city', '', 'Town or city, please.'],
  ['state', '', 'Please pick a state.'],
  ['name', '\u200B \u202E', 'Whom should the courier ask for?'],
  ['postalCode', '560001', 'That PIN code is in Karnataka, not in Maharashtra. Which of the two is right?'],
  ['postalCode', '290001', 'There is no such PIN code.'],
]

for (const [field, value, problem] of ROWS) {
  test(`FA2 ${field} "${value.slice(0, 30)}": ${problem ?? 'fine'}`, () =>
    assert.equal(addressProblem(field, { ...form, [field]: value }), problem))
}

test('the address that is sent is trimmed, with country code and without an empty second line', () => {
  assert.deepEqual(shippingAddress(form), {
    name: 'Ananya Deshpande',
    phone: '+919812345210',
    line1: '14 Prabhat Road, Lane 9',
    city: 'Thiruvananthapuram',
    state: 'Maharashtra',
    postalCode: '411004',
    country: 'IN',
  })
  assert.equal(shippingAddress({ ...form, line2: ' behind the well ' }).line2, 'behind the well')
})

test('a sent address makes the same form again', () => {
  const again = formOfAddress(shippingAddress(form), form.email)
  assert.deepEqual(shippingAddress(again), shippingAddress(form))
  assert.deepEqual(addressProblems(again, ADDRESS_FIELDS), {})
})

test('FA2 a PIN code is checked against the state that stands beside it', () => {
  assert.equal(addressProblem('postalCode', { ...form, state: '' }), null)
  assert.equal(addressProblem('postalCode', { ...form, state: 'Karnataka', postalCode: '560 001' }), null)
  assert.equal(addressProblem('state', { ...form, state: 'Goa' }), null)
})

test('only the fields that are asked for are checked', () => {
  assert.deepEqual(Object.keys(addressProblems(EMPTY_ADDRESS, ADDRESS_FIELDS)), [
    'email',
    'name',
    'phone',
    'postalCode',
    'line1',
    'city',
    'state',
  ])
  assert.equal(addressProblems(EMPTY_ADDRESS, ['name', 'city']).email, undefined)
})

test("the server's objections land at their fields, others are left to the page", () => {
  assert.deepEqual(
    problemsFromServer([
      { field: 'shippingAddress.postalCode', message: 'Six digits.' },
      { field: 'shippingAddress/phone', message: 'First.' },
      { field: 'shippingAddress.phone', message: 'Second.' },
      { field: 'items', message: 'Nothing to buy.' },
    ]),
    { postalCode: 'Six digits.', phone: 'First.' },
  )
})

test('a stored form is read as far as it is text', () => {
  assert.deepEqual(parseAddressForm({ name: 'A', phone: 5, extra: 'x' }), { ...EMPTY_ADDRESS, name: 'A' })
  assert.deepEqual(parseAddressForm(null), EMPTY_ADDRESS)
})

test('numbers are read however they are pasted', () => {
  for (const pasted of ['+91 98123 45210', '919812345210', '0 98123-45210', '9812345210']) {
    assert.equal(phoneDigits(pasted), '9812345210', pasted)
  }
})
