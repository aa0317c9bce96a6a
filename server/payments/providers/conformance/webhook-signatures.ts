/** Who may tell us of money: only bytes that were signed with a secret that we gave out. */
import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import type { Delivery } from '../conformance.ts'
import { UnreadableEvent, type WebhookReading } from '../provider.ts'
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
  const signed = (delivery: Delivery): Promise<WebhookReading> =>
    bed.provider.readWebhook(delivery.rawBody, delivery.headers, new Date())

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
      const ids: string[] = []
      for (const delivery of deliveries) {
        const reading = await signed(delivery)
        assert.ok(reading.verdict === 'signed')
        assert.deepEqual(await signed(delivery), reading)
        assert.deepEqual(reading.content, bed.provider.readEvent(delivery.rawBody))
        ids.push(reading.eventId)
      }
      assert.equal(new Set(ids).size, deliveries.length)
      assert.ok(ids.every((id) => id.length > 0 && id.length <= 200))
    })

    test('W8 W13 is refused when any one byte of the body is changed, added or missing', async () => {
      const { rawBody, headers } = await genuine()
      for (let index = 0; index < rawBody.length; index += 1) {
        const changed = Buffer.from(rawBody)
        changed[index] = (rawBody[index] ?? 0) ^ 1
        assert.deepEqual(await signed({ rawBody: changed, headers }), { verdict: 'invalid' }, `byte ${index}`)
      }
      for (const other of [rawBody.subarray(1), rawBody.subarray(0, -1), Buffer.concat([rawBody, Buffer.from(' ')])]) {
        assert.deepEqual(await signed({ rawBody: other, headers }), { verdict: 'invalid' })
      }
      assert.deepEqual(await signed({ rawBody: Buffer.alloc(0), headers }), { verdict: 'invalid' })
    })

    for (const { name, sent, respelt } of SPELLINGS) {
      test(`W13 covers the bytes and not the meaning: ${name}`, async () => {
        const { current } = bed.bench.webhookSecrets
        const headers = bed.bench.sign(Buffer.from(sent), current)
        const reading = await signed({ rawBody: Buffer.from(sent), headers })
        // Authentic, and no event of this provider.
        assert.ok(reading.verdict === 'signed' && reading.content instanceof UnreadableEvent)
        assert.deepEqual(await signed({ rawBody: Buffer.from(respelt), headers }), { verdict: 'invalid' })
      })
    }

    for (const header of bed.traits.signatureHeaders) {
      test(`W8 W16 is missing without ${header}, and refused when it is empty, cut, stretched, changed or odd`, async () => {
        const { rawBody, headers } = await genuine()
        const { [header]: value, ...others } = headers
        assert.ok(value !== undefined && value !== '', `the bench sends ${header}`)
        assert.deepEqual(await signed({ rawBody, headers: others }), { verdict: 'missing' })
        assert.deepEqual(await signed({ rawBody, headers: { ...headers, [header]: '' } }), { verdict: 'missing' })
        const odd = [' ', value.slice(0, -1), value.slice(1), `${value}0`, `${value}, ${value}`, 'x', '0'.repeat(64)]
        for (const text of [...odd, '0'.repeat(100_000), 'é'.repeat(value.length), '\u0000', 'undefined', 'null']) {
          const { verdict } = await signed({ rawBody, headers: { ...headers, [header]: text } })
          assert.notEqual(verdict, 'signed', `accepts ${header} = ${JSON.stringify(text.slice(0, 80))}`)
        }
        for (let index = 0; index < value.length; index += 1) {
          const changed = value.slice(0, index) + (value[index] === '1' ? '2' : '1') + value.slice(index + 1)
          const { verdict } = await signed({ rawBody, headers: { ...headers, [header]: changed } })
          // A header may hold more than the signature (a time, a version); what signs nothing may differ, but then
          // the kit would have to know it. No provider has such a part today.
          assert.equal(verdict, 'invalid', `accepts ${header} changed at ${index}`)
        }
        const twice = { ...headers, [header]: [value, value] }
        const repeated = await bed.provider.readWebhook(rawBody, twice, new Date())
        assert.notEqual(repeated.verdict, 'signed', 'accepts a repeated header')
      })
    }

    test('of another event is refused', async () => {
      const [one, two] = [await genuine(), await genuine()]
      assert.deepEqual(await signed({ rawBody: one.rawBody, headers: two.headers }), { verdict: 'invalid' })
    })

    test('W8 by a secret that we never gave out is refused', async () => {
      const { rawBody } = await genuine()
      const { current, previous } = bed.bench.webhookSecrets
      for (const secret of ['a-secret-of-somebody-else', `${current} `, current.slice(0, -1), previous]) {
        const adapter = bed.bench.build({ webhookSecrets: [current] })
        const reading = await adapter.readWebhook(rawBody, bed.bench.sign(rawBody, secret), new Date())
        assert.deepEqual(reading, { verdict: 'invalid' })
      }
    })

    test('W15 by the old secret holds while secrets rotate, and not after', async () => {
      const { rawBody } = await genuine()
      const { current, previous } = bed.bench.webhookSecrets
      const verdicts = async (webhookSecrets: readonly string[]) => {
        const adapter = bed.bench.build({ webhookSecrets })
        const readings = [current, previous].map((secret) =>
          adapter.readWebhook(rawBody, bed.bench.sign(rawBody, secret), new Date()),
        )
        return (await Promise.all(readings)).map(({ verdict }) => verdict)
      }
      assert.deepEqual(await verdicts([previous]), ['invalid', 'signed'])
      assert.deepEqual(await verdicts([current, previous]), ['signed', 'signed'])
      assert.deepEqual(await verdicts([current]), ['signed', 'invalid'])
    })

    const { signatureToleranceS: toleranceS } = bed.traits
    const timeless = toleranceS === null && 'signatureToleranceS: what it signs carries no time'
    test('W8 is refused long after it was made, and long before', { skip: timeless }, async () => {
      const { rawBody } = await genuine()
      const headers = bed.bench.sign(rawBody, bed.bench.webhookSecrets.current)
      const at = async (seconds: number) =>
        (await bed.provider.readWebhook(rawBody, headers, new Date(Date.now() + seconds * 1_000))).verdict
      const far = (toleranceS ?? 0) + 60
      assert.deepEqual([await at(-far), await at(0), await at(far)], ['invalid', 'signed', 'invalid'])
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
