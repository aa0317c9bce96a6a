/** A shopper in a closed loop: places an order, pays it, brings it back, and the provider's webhook comes too. */
import { Agent, request } from 'node:http'
import { randomUUID } from 'node:crypto'
import type { StubProvider } from './stub-provider.ts'

export interface Timings {
  order: number[]
  verify: number[]
  webhook: number[]
  whole: number[]
}

const ADDRESS = {
  name: 'Ananya Deshpande',
  phone: '+919812345210',
  line1: '14 Prabhat Road, Lane 9',
  city: 'Pune',
  state: 'Maharashtra',
  postalCode: '411004',
  country: 'IN',
}

/** Pays orders one after the other until `stop` says so. Throws at the first answer that is not the expected one. */
export async function shop(
  url: string,
  stub: StubProvider,
  products: readonly string[],
  timings: Timings,
  stop: () => boolean,
): Promise<void> {
  const agent = new Agent({ keepAlive: true })
  for (let turn = Math.floor(Math.random() * products.length); !stop(); turn += 1) {
    const startedAt = performance.now()
    const placed = await post(agent, `${url}/api/orders`, {
      body: JSON.stringify({
        items: [{ productId: products[turn % products.length], quantity: 1 }],
        shippingAddress: ADDRESS,
        email: 'ananya@example.test',
        paymentMethod: 'online',
      }),
      headers: { 'idempotency-key': randomUUID() },
    })
    const placedAt = performance.now()
    if (placed.status !== 201) throw new Error(`order: ${placed.status} ${placed.text}`)
    const { order, payment, guestToken } = JSON.parse(placed.text).data as {
      order: { id: string }
      payment: { providerOrderId: string }
      guestToken: string
    }
    const paid = stub.pay(payment.providerOrderId)
    const event = stub.captured(payment.providerOrderId)
    const verifying = post(agent, `${url}/api/payments/verify`, {
      body: JSON.stringify({
        orderId: order.id,
        razorpayOrderId: payment.providerOrderId,
        razorpayPaymentId: paid.paymentId,
        razorpaySignature: paid.signature,
      }),
      headers: { 'x-guest-token': guestToken },
    })
    const verified = await verifying
    const verifiedAt = performance.now()
    if (verified.status !== 200 || !verified.text.includes('"isConfirmed":true'))
      throw new Error(`verify: ${verified.status} ${verified.text}`)
    const told = await post(agent, `${url}/api/payments/webhook/razorpay`, event)
    const toldAt = performance.now()
    if (told.status !== 200) throw new Error(`webhook: ${told.status} ${told.text}`)
    timings.order.push(placedAt - startedAt)
    timings.verify.push(verifiedAt - placedAt)
    timings.webhook.push(toldAt - verifiedAt)
    timings.whole.push(toldAt - startedAt)
  }
  agent.destroy()
}

function post(
  agent: Agent,
  url: string,
  message: { body: string; headers: Record<string, string> },
): Promise<{ status: number; text: string }> {
  return new Promise((resolve, reject) => {
    const sent = request(
      url,
      {
        method: 'POST',
        agent,
        headers: {
          'content-type': 'application/json',
          'content-length': Buffer.byteLength(message.body),
          ...message.headers,
        },
      },
      (response) => {
        let text = ''
        response.setEncoding('utf8')
        response.on('data', (chunk: string) => (text += chunk))
        response.on('end', () => resolve({ status: response.statusCode ?? 0, text }))
      },
    )
    sent.on('error', reject)
    sent.end(message.body)
  })
}
