import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { orderRow } from '../../test/make.ts'
import { addressIn, monthQuery, numberIn, orderWords, termsOf } from './order-words.ts'

const address = {
  name: 'मीरा नायर',
  phone: '+91 98123-45210',
  line1: '14 Prabhat Road',
  city: 'Pune',
  state: 'Maharashtra',
  postalCode: '411 004',
  country: 'IN',
}

test('L2 an order has the words of what people know of it', () => {
  const order = orderRow({
    number: 'H-7KQ4-M2XD',
    customer_name: 'मीरा नायर',
    email: 'Meera.N@example.test',
    shipping_address: address,
  })
  assert.deepEqual(orderWords(order, [{ title: 'Steel tiffin, 3-tier' }, { title: 'Steel tiffin, 3-tier' }]), [
    '@2026-11',
    '#0125432189',
    '7kq4m2xd',
    'मीरा',
    'नायर',
    'meera',
    'n',
    'example',
    'test',
    'pune',
    '411',
    '004',
    '411004',
    'steel',
    'tiffin',
    '3',
    'tier',
    '3tier',
  ])
})

test('an order without anything has the words of its number and its month', () => {
  const bare = orderRow({ number: 'H-0000-0001', customer_name: null, email: null, shipping_address: null })
  assert.deepEqual(orderWords(bare, []), ['@2026-11', '00000001'])
})

test('an order of a hundred long titles keeps within bounds', () => {
  const items = Array.from({ length: 100 }, (_, at) => ({ title: `a${at} b${at} c${at} d${at} e${at}` }))
  assert.equal(orderWords(orderRow({}), items).length, 300)
})

describe('L2 what a search asks', () => {
  for (const [search, terms] of [
    ['  Meera  NAIR ', ["'meera':*", "'nair':*"]],
    ['मीरा', ["'मीरा':*"]],
    ['O’Brien', ["('obrien':* | ('o':* & 'brien':*))"]],
    ['anne-marie', ["('annemarie':* | ('anne':* & 'marie':*))"]],
    ['45210', ["('45210':* | '#01254':*)"]],
    ['210', ["'210':*"]],
    ['98123 45210', ["('#0125432189':* | (('98123':* | '#32189':*) & ('45210':* | '#01254':*)))"]],
    ['+91-98123-45210', ["('919812345210':* | ('91':* & '98123':* & '45210':*) | '#0125432189':*)"]],
    ['9 10', ["'9':*", "'10':*"]],
    ['meera.n@ pune', ["'meera':*", "'n':*", "'pune':*"]],
    ['@example', ["'example':*"]],
    ["x'); drop table orders; --", ["'x':*", "'drop':*", "'table':*", "'orders':*"]],
    ["' & ! | :* <-> \\", []],
    ['', []],
    ['a b c d e f g h i j', ["'a':*", "'b':*", "'c':*", "'d':*", "'e':*", "'f':*", "'g':*", "'h':*"]],
  ] as const) {
    test(JSON.stringify(search), () => assert.deepEqual(termsOf(search), terms))
  }
  test('months are any of them', () => assert.equal(monthQuery(['@2026-11', '@2026-10']), "'@2026-11' | '@2026-10'"))
})

test('L2 an address is one that has its @ and nothing beside it', () => {
  for (const [search, address] of [
    ['Meera.N@Example.test', 'meera.n@example.test'],
    ['meera@', 'meera@'],
    ['@example', undefined],
    ['meera', undefined],
    ['meera@x pune', undefined],
    ['a@b@c', undefined],
  ] as const) {
    assert.equal(addressIn(search), address, search)
  }
})

describe('L2 the number in a search', () => {
  for (const [search, number] of [
    ['H-7KQ4-M2XD', 'H-7KQ4-M2XD'],
    ['7KQ4M2XD', 'H-7KQ4-M2XD'],
    ['h7kq4m2xd', 'H-7KQ4-M2XD'],
    [' h 7kq4 m2xd ', 'H-7KQ4-M2XD'],
    ['7kq4–m2xd', 'H-7KQ4-M2XD'],
    // A number may itself begin with H.
    ['H7KQ4M2X', 'H-H7KQ-4M2X'],
    ['7kq4oiLd', 'H-7KQ4-011D'],
    ['7KQ4-M2X', undefined],
    ['HH7KQ4M2XD', undefined],
    ['ANANYAUU', undefined],
    ['', undefined],
  ] as const) {
    test(JSON.stringify(search), () => assert.equal(numberIn(search), number))
  }
})
