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
    assert.equal(whyRefused(address, { host, ...(origin !== undefined && { origin }) }) === undefined, allowed)
  })
}

for (const [name, value] of [
  ['x-forwarded-for', '203.0.113.9'],
  ['x-forwarded-host', 'shop.example'],
  ['x-forwarded-proto', 'https'],
  ['forwarded', 'for=203.0.113.9'],
  ['x-real-ip', '203.0.113.9'],
  ['via', '1.1 proxy'],
] as const) {
  test(`FX10 whoever comes through a proxy on this machine is refused: ${name}`, () => {
    assert.equal(whyRefused('127.0.0.1', { host: '127.0.0.1:4600', accept: '*/*' }), undefined)
    assert.equal(typeof whyRefused('127.0.0.1', { host: '127.0.0.1:4600', [name]: value }), 'string')
  })
}

test('FX10 no control route makes a payment or shows a key through a proxy', async () => {
  await using stand = await bench()
  const headers = { 'x-forwarded-for': '127.0.0.1', 'content-type': 'application/json' }
  for (const [method, path] of [
    ['GET', '/_sandbox/keys'],
    ['POST', '/_sandbox/reset'],
    ['POST', '/razorpay/_sandbox/pay'],
    ['GET', '/razorpay/_sandbox/state'],
  ] as const) {
    const body = method === 'POST' ? { body: '{}' } : {}
    assert.equal((await fetch(`${stand.sandbox.url}${path}`, { method, headers, ...body })).status, 403, path)
  }
})

test('every control route refuses a page of another site', async () => {
  await using stand = await bench()
  const headers = { origin: 'https://evil.example' }
  for (const path of ['/_sandbox/keys', '/razorpay/_sandbox/state', '/razorpay/_sandbox/faults']) {
    assert.equal((await fetch(`${stand.sandbox.url}${path}`, { headers })).status, 403, path)
  }
  const pay = { method: 'POST', headers: { ...headers, 'content-type': 'application/json' }, body: '{}' }
  assert.equal((await fetch(`${stand.sandbox.url}/razorpay/checkout/pay`, pay)).status, 403)
})
