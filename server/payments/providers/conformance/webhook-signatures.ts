/** Who may tell us of money: only bytes that were signed with a secret that we gave out. */
import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import type { Delivery } from '../conformance.ts'
import type { WebhookVerdict } from '../provider.ts'
import { paidOrder, type Bed } from './bed.ts'

/** Two spellings of one document, as serialisers differ in them: only the bytes that came are signed. */
const SPELLINGS = [
  {
    name: 'escaped slashes',
    sent: '{"note":"https:\\/\\/example.test\\/a"}',
    respelt: '{"note":"https://example.test/a"}',
  },
  {
    name: 'letters beyond ASCII',
    sent: '{"note":"₹ चाय 🫖 é"}',
    respelt: '{"note":"\\u20b9 \\u091a\\u093e\\u092f \\ud83e\\uded6 \\u00e9"}',
  },
  { name: 'spaces', sent: '{ "note" : "a" }\n', respelt: '{"note":"a"}' },
  { name: 'the order of fields', sent: '{"b":1,"a":2}', respelt: '{"a":2,"b":1}' },
  { name: 'a byte order mark', sent: '\ufeff{"note":"a"}', respelt: '{"note":"a"}' },
] as const

export function testWebhookSignatures(bed: Bed): void {
  const signed = (delivery: Delivery): WebhookVerdict =>
    bed.provider.authenticateWebhook(delivery.rawBody, delivery.headers)

  async function genuine(): Promise<Delivery> {
    const { providerOrderId } = await paidOrder(bed, 'captured')
    const [first] = await bed.bench.deliveries(providerOrderId)
    assert.ok(first !== undefined, 'the provider told of the payment')
    return first
  }

  describe("a webhook's signature", () => {
    test('is accepted on every genuine event; ids tell events apart and stay when they are sent again', async () => {
      const { providerOrderId } = await paidOrder(bed, 'captured')
      const deliveries = await bed.bench.deliveries(providerOrderId)
      assert.notEqual(deliveries.length, 0)
      const ids = deliveries.map((delivery) => {
        const verdict = signed(delivery)
        assert.equal(verdict.verdict, 'signed')
        assert.deepEqual(signed(delivery), verdict)
        return verdict.verdict === 'signed' ? verdict.eventId : ''
      })
      assert.equal(new Set(ids).size, deliveries.length)
      assert.ok(ids.every((id) => id.length > 0 && id.length <= 200))
    })

    test('W8 W13 is refused when any one byte of the body is changed, added or missing', async () => {
      const { rawBody, headers } = await genuine()
      for (let index = 0; index < rawBody.length; index += 1) {
        const changed = Buffer.from(rawBody)
        changed[index] = (rawBody[index] ?? 0) ^ 1
        assert.deepEqual(signed({ rawBody: changed, headers }), { verdict: 'invalid' }, `byte ${index}`)
      }
      for (const other of [rawBody.subarray(1), rawBody.subarray(0, -1), Buffer.concat([rawBody, Buffer.from(' ')])]) {
        assert.deepEqual(signed({ rawBody: other, headers }), { verdict: 'invalid' })
      }
      assert.deepEqual(signed({ rawBody: Buffer.alloc(0), headers }), { verdict: 'invalid' })
    })

    for (const { name, sent, respelt } of SPELLINGS) {
      test(`W13 covers the bytes and not the meaning: ${name}`, () => {
        const { current } = bed.bench.webhookSecrets
        const headers = bed.bench.sign(Buffer.from(sent), current)
        assert.equal(signed({ rawBody: Buffer.from(sent), headers }).verdict, 'signed')
        assert.deepEqual(signed({ rawBody: Buffer.from(respelt), headers }), { verdict: 'invalid' })
      })
    }

    for (const header of bed.traits.signatureHeaders) {
      test(`W8 W16 is missing without ${header}, and refused when it is empty, cut, stretched, changed or odd`, async () => {
        const { rawBody, headers } = await genuine()
        const { [header]: value, ...others } = headers
        assert.ok(value !== undefined && value !== '', `the bench sends ${header}`)
        assert.deepEqual(signed({ rawBody, headers: others }), { verdict: 'missing' })
        assert.deepEqual(signed({ rawBody, headers: { ...headers, [header]: '' } }), { verdict: 'missing' })
        const odd = [' ', value.slice(0, -1), value.slice(1), `${value}0`, `${value}, ${value}`, 'x', '0'.repeat(64)]
        for (const text of [...odd, '0'.repeat(100_000), 'é'.repeat(value.length), '\u0000', 'undefined', 'null']) {
          const { verdict } = signed({ rawBody, headers: { ...headers, [header]: text } })
          assert.notEqual(verdict, 'signed', `accepts ${header} = ${JSON.stringify(text.slice(0, 80))}`)
        }
        for (let index = 0; index < value.length; index += 1) {
          const changed = value.slice(0, index) + (value[index] === '1' ? '2' : '1') + value.slice(index + 1)
          const { verdict } = signed({ rawBody, headers: { ...headers, [header]: changed } })
          // A header may hold more than the signature (a time, a version); what signs nothing may differ, but then
          // the kit would have to know it. No provider has such a part today.
          assert.equal(verdict, 'invalid', `accepts ${header} changed at ${index}`)
        }
        const repeated = bed.provider.authenticateWebhook(rawBody, { ...headers, [header]: [value, value] })
        assert.notEqual(repeated.verdict, 'signed', 'accepts a repeated header')
      })
    }

    test('of another event is refused', async () => {
      const [one, two] = [await genuine(), await genuine()]
      assert.deepEqual(signed({ rawBody: one.rawBody, headers: two.headers }), { verdict: 'invalid' })
    })

    test('W8 by a secret that we never gave out is refused', async () => {
      const { rawBody } = await genuine()
      const { current, previous } = bed.bench.webhookSecrets
      for (const secret of ['a-secret-of-somebody-else', `${current} `, current.slice(0, -1), previous]) {
        const adapter = bed.bench.build({ webhookSecrets: [current] })
        const verdict = adapter.authenticateWebhook(rawBody, bed.bench.sign(rawBody, secret))
        assert.deepEqual(verdict, { verdict: 'invalid' })
      }
    })

    test('W15 by the old secret holds while secrets rotate, and not after', async () => {
      const { rawBody } = await genuine()
      const { current, previous } = bed.bench.webhookSecrets
      const verdicts = (webhookSecrets: readonly string[]) =>
        [current, previous].map(
          (secret) =>
            bed.bench.build({ webhookSecrets }).authenticateWebhook(rawBody, bed.bench.sign(rawBody, secret)).verdict,
        )
      assert.deepEqual(verdicts([previous]), ['invalid', 'signed'])
      assert.deepEqual(verdicts([current, previous]), ['signed', 'signed'])
      assert.deepEqual(verdicts([current]), ['signed', 'invalid'])
    })

    test('W9 cannot be switched off: an adapter without every secret is not built', () => {
      const { current } = bed.bench.webhookSecrets
      for (const webhookSecrets of [[], [''], [current, ''], ['', current], [' '], ['\t\n']]) {
        assert.throws(() => bed.bench.build({ webhookSecrets }), `built with ${JSON.stringify(webhookSecrets)}`)
      }
      for (const apiSecret of ['', ' ']) assert.throws(() => bed.bench.build({ apiSecret }))
    })
  })
}
