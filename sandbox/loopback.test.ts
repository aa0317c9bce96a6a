/** Who may use the control API. */
import assert from 'node:assert/strict'
import test from 'node:test'
import { whyRefused } from './loopback.ts'
import { bench } from './test-bench.ts'

const CASES: Array<[string, string, string | undefined, boolean]> = [
  ['127.0.0.1', '127.0.0.1:4600', undefined, true],
  ['::1', '[::1]:4600', undefined, true],
  ['::ffff:127.0.0.1', 'localhost:4600', undefined, true],
  ['127.0.0.1', 'localhost:4600', 'http://localhost:4600', true],
  ['192.168.1.7', 'localhost:4600', undefined, false],
  ['::ffff:10.0.0.1', '127.0.0.1:4600', undefined, false],
  ['127.0.0.1', 'rebound.example:4600', undefined, false],
  ['127.0.0.1', '127.0.0.1.example:4600', undefined, false],
  ['127.0.0.1', 'localhost:4600', 'http://localhost:3000', false],
  ['127.0.0.1', 'localhost:4600', 'https://evil.example', false],
  ['127.0.0.1', 'localhost:4600', 'null', false],
]

for (const [address, host, origin, allowed] of CASES) {
  test(`${address} calling ${host} from ${origin ?? 'no page'} is ${allowed ? 'served' : 'refused'}`, () => {
    assert.equal(whyRefused(address, host, origin) === undefined, allowed)
  })
}

test('every control route refuses a page of another site', async () => {
  await using stand = await bench()
  const headers = { origin: 'https://evil.example' }
  for (const path of ['/_sandbox/keys', '/razorpay/_sandbox/state', '/razorpay/_sandbox/faults']) {
    assert.equal((await fetch(`${stand.sandbox.url}${path}`, { headers })).status, 403, path)
  }
  const pay = { method: 'POST', headers: { ...headers, 'content-type': 'application/json' }, body: '{}' }
  assert.equal((await fetch(`${stand.sandbox.url}/razorpay/checkout/pay`, pay)).status, 403)
})
