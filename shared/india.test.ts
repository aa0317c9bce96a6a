import assert from 'node:assert/strict'
import { test } from 'node:test'
import { INDIAN_STATES, indianState, isPinOf, stateOfPin, type IndianState } from './india.ts'

const ROWS: [pin: string, state: string | undefined][] = [
  ['411004', 'Maharashtra'],
  ['403001', 'Goa'],
  ['695001', 'Kerala'],
  ['682555', 'Lakshadweep'],
  ['682001', 'Kerala'],
  ['263601', 'Uttarakhand'],
  ['226001', 'Uttar Pradesh'],
  ['370001', 'Gujarat'],
  ['396210', 'Dadra and Nagar Haveli and Daman and Diu'],
  ['160017', 'Chandigarh'],
  ['160055', 'Punjab'],
  ['194101', 'Ladakh'],
  ['190001', 'Jammu and Kashmir'],
  ['834001', 'Jharkhand'],
  ['800001', 'Bihar'],
  ['744101', 'Andaman and Nicobar Islands'],
  ['737101', 'Sikkim'],
  ['700001', 'West Bengal'],
  ['605001', 'Puducherry'],
  ['600001', 'Tamil Nadu'],
  ['500001', 'Telangana'],
  ['799001', 'Tripura'],
  ['110001', 'Delhi'],
  ['900056', undefined],
  ['41100', undefined],
  ['4110045', undefined],
  ['011004', undefined],
  ['41100a', undefined],
  ['', undefined],
]

for (const [pin, state] of ROWS) {
  test(`PIN ${pin || '(empty)'} lies in ${state ?? 'no known state'}`, () => assert.equal(stateOfPin(pin), state))
}

test('every state can be found by some PIN', () => {
  const found = new Set<string | undefined>()
  for (let prefix = 100; prefix < 1_000; prefix += 1) {
    for (const rest of ['001', '101', '210', '520', '555', '601']) found.add(stateOfPin(`${prefix}${rest}`))
  }
  assert.deepEqual(
    INDIAN_STATES.filter((state) => !found.has(state)),
    [],
  )
})

/** Real codes, and the state that letters with them are delivered in, or a neighbour that they are not. */
const DELIVERED: [pin: string, state: IndianState, isThere: boolean][] = [
  ['411004', 'Maharashtra', true],
  ['411004', 'Goa', false],
  ['403001', 'Goa', true],
  ['403001', 'Maharashtra', false],
  ['110001', 'Delhi', true],
  ['110001', 'Haryana', false],
  ['122001', 'Haryana', true],
  ['201301', 'Uttar Pradesh', true],
  ['160017', 'Chandigarh', true],
  ['160055', 'Punjab', true],
  ['140301', 'Punjab', true],
  ['140119', 'Chandigarh', true],
  ['194101', 'Ladakh', true],
  ['194101', 'Jammu and Kashmir', true],
  ['190001', 'Ladakh', false],
  ['244713', 'Uttarakhand', true],
  ['244001', 'Uttar Pradesh', true],
  ['246701', 'Uttar Pradesh', true],
  ['246001', 'Uttarakhand', true],
  ['247667', 'Uttarakhand', true],
  ['262701', 'Uttar Pradesh', true],
  ['248001', 'Uttarakhand', true],
  ['248001', 'Uttar Pradesh', false],
  ['362520', 'Dadra and Nagar Haveli and Daman and Diu', true],
  ['362001', 'Gujarat', true],
  ['396230', 'Dadra and Nagar Haveli and Daman and Diu', true],
  ['396001', 'Gujarat', true],
  ['500001', 'Telangana', true],
  ['500001', 'Andhra Pradesh', false],
  ['507111', 'Andhra Pradesh', true],
  ['533464', 'Puducherry', true],
  ['605001', 'Puducherry', true],
  ['605602', 'Tamil Nadu', true],
  ['609602', 'Puducherry', true],
  ['609001', 'Tamil Nadu', true],
  ['673310', 'Puducherry', true],
  ['673001', 'Kerala', true],
  ['682555', 'Lakshadweep', true],
  ['682001', 'Kerala', true],
  ['737101', 'Sikkim', true],
  ['737101', 'West Bengal', false],
  ['744101', 'Andaman and Nicobar Islands', true],
  ['793001', 'Meghalaya', true],
  ['783123', 'Meghalaya', true],
  ['781001', 'Meghalaya', false],
  ['813208', 'Jharkhand', true],
  ['814112', 'Jharkhand', true],
  ['834001', 'Bihar', false],
  ['900056', 'Punjab', true],
  ['100001', 'Delhi', false],
  ['290001', 'Uttar Pradesh', false],
  ['550001', 'Karnataka', false],
  ['660001', 'Kerala', false],
  ['880001', 'Bihar', false],
  ['000000', 'Delhi', false],
  ['41100', 'Maharashtra', false],
]

for (const [pin, state, isThere] of DELIVERED) {
  test(`FA2 PIN ${pin} is ${isThere ? '' : 'not '}of ${state}`, () => assert.equal(isPinOf(pin, state), isThere))
}

const NAMES: [text: string, state: IndianState | undefined][] = [
  ['Maharashtra', 'Maharashtra'],
  [' maharashtra ', 'Maharashtra'],
  ['MH', 'Maharashtra'],
  ['IN-MH', 'Maharashtra'],
  ['Jammu & Kashmir', 'Jammu and Kashmir'],
  ['Orissa', 'Odisha'],
  ['TamilNadu', 'Tamil Nadu'],
  ['NCT of Delhi', 'Delhi'],
  ['Indiana', undefined],
  ['Atlantis', undefined],
  ['', undefined],
]

for (const [text, state] of NAMES) {
  test(`FA2 "${text}" means ${state ?? 'no state of India'}`, () => assert.equal(indianState(text), state))
}

test('FA2 every name and code means one state', () => {
  for (const state of INDIAN_STATES) assert.equal(indianState(state.toUpperCase()), state)
})
