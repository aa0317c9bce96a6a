/**
 * The least that can pass for Razorpay: it makes an order, and says that any payment of it is captured. No books, no
 * rules; what the benchmark measures is us and not the provider.
 */
import { createHmac } from 'node:crypto'
import { createServer, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'

export interface StubProvider {
  url: string
  keyId: string
  keySecret: string
  webhookSecret: string
  /** What the checkout would hand to the browser for a payment of this provider order. */
  pay(providerOrderId: string): { paymentId: string; signature: string }
  /** The signed event that the provider would send. */
  captured(providerOrderId: string): { body: string; headers: Record<string, string> }
  close(): Promise<void>
}

export async function startStubProvider(): Promise<StubProvider> {
  const keySecret = 'bench-key-secret'
  const webhookSecret = 'bench-webhook-secret'
  const orders = new Map<string, { amount: number; currency: string }>()
  let made = 0

  const server = createServer((request, response) => {
    const path = (request.url ?? '').split('?')[0] ?? ''
    if (request.method === 'POST' && path === '/v1/orders') {
      let text = ''
      request.setEncoding('utf8')
      request.on('data', (chunk: string) => (text += chunk))
      request.on('end', () => {
        const { amount, currency, receipt } = JSON.parse(text) as { amount: number; currency: string; receipt: string }
        made += 1
        const id = `order_${String(made).padStart(14, '0')}`
        orders.set(id, { amount, currency })
        answer(response, { id, entity: 'order', amount, currency, receipt, status: 'created', notes: [] })
      })
      return
    }
    const id = path.split('/').at(-1) ?? ''
    if (path.startsWith('/v1/payments/')) return answer(response, payment(id.replace('pay_', 'order_')))
    response.statusCode = 400
    answer(response, {
      error: { code: 'BAD_REQUEST_ERROR', description: 'The requested URL was not found on the server.' },
    })
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))

  function payment(orderId: string) {
    const order = orders.get(orderId)
    return {
      id: orderId.replace('order_', 'pay_'),
      entity: 'payment',
      amount: order?.amount,
      currency: order?.currency,
      status: 'captured',
      order_id: orderId,
      method: 'upi',
      captured: true,
      amount_refunded: 0,
      vpa: 'success@razorpay',
      fee: 236,
      tax: 36,
      notes: [],
    }
  }

  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    keyId: 'rzp_test_bench',
    keySecret,
    webhookSecret,
    pay(providerOrderId) {
      const paymentId = providerOrderId.replace('order_', 'pay_')
      return {
        paymentId,
        signature: createHmac('sha256', keySecret).update(`${providerOrderId}|${paymentId}`).digest('hex'),
      }
    },
    captured(providerOrderId) {
      const body = JSON.stringify({
        entity: 'event',
        event: 'payment.captured',
        contains: ['payment'],
        payload: { payment: { entity: payment(providerOrderId) } },
      })
      return {
        body,
        headers: {
          'x-razorpay-signature': createHmac('sha256', webhookSecret).update(body).digest('hex'),
          'x-razorpay-event-id': providerOrderId.replace('order_', ''),
        },
      }
    },
    close: () => new Promise((resolve) => server.close(() => resolve())),
  }
}

function answer(response: ServerResponse, body: unknown): void {
  response.setHeader('content-type', 'application/json')
  response.end(JSON.stringify(body))
}
