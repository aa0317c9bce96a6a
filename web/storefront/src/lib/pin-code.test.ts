import assert from 'node:assert/strict'
import { test } from 'node:test'
import { INDIAN_STATES, stateOfPin } from './pin-code.ts'

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
