/**
 * A provider that is nothing but books: Razorpay's lists and single look-ups over payments that a test wrote into them.
 * For more payments than the sandbox could play in the time of a test, and for lists that change while they are read.
 */
import { createServer, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { PaymentProvider } from '../server/payments/providers/provider.ts'
import { createRazorpay } from '../server/payments/providers/razorpay/adapter.ts'
import { httpNetwork } from '../server/platform/network.ts'

/** Fields that a test says; the others are made up around them. */
export interface BookedPayment {
  id: string
  /** Null for a payment that belongs to no order. */
  order_id: string | null
  amount: number
  status: string
  created_at: number
}

export interface ProviderBooksServer {
  url: string
  /** Oldest first. */
  payments: BookedPayment[]
  /** Operations that were asked for, with how often. */
  asked: Map<string, number>
  /** Called before each list is answered. */
  onList: () => void
  close(): Promise<void>
}

/** @param latencyMs how long each answer takes */
export async function startProviderBooks(latencyMs = 0): Promise<ProviderBooksServer> {
  const payments: BookedPayment[] = []
  const asked = new Map<string, number>()
  const books = { payments, asked, onList: () => {} }
  const server = createServer((request, response) => {
    if (latencyMs > 0) setTimeout(() => reply(request.url ?? '', response), latencyMs)
    else reply(request.url ?? '', response)
  })

  function reply(path: string, response: ServerResponse): void {
    const { pathname, searchParams } = new URL(path, 'http://books.test')
    const count = (operation: string) => asked.set(operation, (asked.get(operation) ?? 0) + 1)
    if (pathname === '/asked') return answer(response, 200, Object.fromEntries(asked))
    if (pathname === '/v1/payments') {
      count('listPayments')
      books.onList()
      return answer(response, 200, collection(pageOf(payments, searchParams).map(entity)))
    }
    if (pathname.startsWith('/v1/payments/') && !pathname.endsWith('/refunds')) {
      count('fetchPayment')
      const id = pathname.slice('/v1/payments/'.length)
      const found = payments.find((payment) => payment.id === id)
      return found === undefined ? refuse(response) : answer(response, 200, entity(found))
    }
    count('other')
    return answer(response, 200, collection([]))
  }

  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  return Object.assign(books, {
    url,
    close: () =>
      new Promise<void>((resolve) => {
        server.close(() => resolve())
        server.closeAllConnections()
      }),
  })
}

/** The real adapter, asking these books. */
export function providerOf(url: string): PaymentProvider {
  return createRazorpay(
    {
      keyId: 'rzp_test_books',
      keySecret: 'books-key-secret',
      webhookSecrets: ['books-webhook-secret'],
      baseUrl: url,
      checkoutUrl: `${url}/v1/checkout.js`,
      shopName: 'Books',
    },
    httpNetwork(),
  )
}

/** Newest first, both ends of the window included, as Razorpay lists. */
function pageOf(payments: readonly BookedPayment[], query: URLSearchParams): BookedPayment[] {
  const [from, to, count, skip] = ['from', 'to', 'count', 'skip'].map((name) => Number(query.get(name))) as [
    number,
    number,
    number,
    number,
  ]
  const end = firstAfter(payments, to) - skip
  const start = Math.max(end - count, firstAfter(payments, from - 1))
  return payments.slice(start, Math.max(start, end)).reverse()
}

/** The index of the first payment that was made after a moment, by halving. */
function firstAfter(payments: readonly BookedPayment[], moment: number): number {
  let [low, high] = [0, payments.length]
  while (low < high) {
    const middle = (low + high) >> 1
    if ((payments[middle]?.created_at ?? 0) > moment) high = middle
    else low = middle + 1
  }
  return low
}

/** As large as the true one. */
function entity(payment: BookedPayment) {
  return {
    ...payment,
    entity: 'payment',
    currency: 'INR',
    invoice_id: null,
    international: false,
    method: 'upi',
    amount_refunded: 0,
    refund_status: null,
    captured: payment.status === 'captured',
    description: 'Order H-7K2M9QXA',
    card_id: null,
    bank: null,
    wallet: null,
    vpa: 'ananya.deshpande@okhdfcbank',
    email: 'ananya@example.test',
    contact: '+919812345210',
    notes: { order: 'H-7K2M9QXA' },
    fee: 578,
    tax: 88,
    error_code: null,
    error_description: null,
    error_source: null,
    error_step: null,
    error_reason: null,
    acquirer_data: { rrn: '432109876543', upi_transaction_id: 'F1E2D3C4B5A69788' },
  }
}

function collection(items: unknown[]) {
  return { entity: 'collection', count: items.length, items }
}

function refuse(response: ServerResponse): void {
  const error = { code: 'BAD_REQUEST_ERROR', description: 'The id provided does not exist' }
  answer(response, 400, { error })
}

function answer(response: ServerResponse, status: number, body: unknown): void {
  response.statusCode = status
  response.setHeader('content-type', 'application/json')
  response.end(JSON.stringify(body))
}
