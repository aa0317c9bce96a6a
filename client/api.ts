/**
 * The typed client of the HTTP API: one function per call, in the shapes of shared/contract. It holds no state of its
 * own but a guest's tokens, which it keeps when an order is placed and shows again when that order is asked about.
 */
import type { Cart, CartItemInput, Category, Product, ProductListQuery, Shop } from './shapes.ts'
import type { Order, OrderEvent, OrderSummary, PlaceOrderBody, PlacedOrder, Quote, QuoteBody } from './shapes.ts'
import type {
  AskedPayment,
  CreatePaymentBody,
  HandOff,
  OrderPaymentState,
  VerifiedPayment,
  VerifyPaymentBody,
} from './shapes.ts'
import { errorDetail } from './api-error.ts'
import { guestTokens } from './guest-tokens.ts'
import { withRetries, type RetryOptions } from './retry.ts'
import { memoryStorage, type TextStorage } from './storage.ts'
import { createTransport, type RequestOptions, type TransportConfig } from './transport.ts'

export type SessionUser = { id: string; name: string; email: string; role: string }
export type Credentials = { email: string; password: string }
/** One page of a list; pass `nextCursor` as `cursor` for the next one, null on the last. */
export type CursorPage<T> = { items: T[]; nextCursor: string | null }
export type ProductQuery = { [Name in keyof ProductListQuery]?: ProductListQuery[Name] | undefined }
export type CallOptions = Pick<RequestOptions, 'signal'>

export type HundiClientConfig = TransportConfig & {
  /** Where guest tokens are kept; memory when left out. */
  storage?: TextStorage
}

export type HundiClient = ReturnType<typeof createHundiClient>

/** Fewer and shorter than for verify: a person watches the pay button. */
const PLACE_ORDER_GAPS_MS: readonly number[] = [1_000, 2_000, 4_000, 8_000]

/** Makes a client. Every function rejects with ApiError when the API refuses or does not answer. */
export function createHundiClient(config: HundiClientConfig = {}) {
  const http = createTransport(config)
  const tokens = guestTokens(config.storage ?? memoryStorage())
  // Only for this page: it lapses within the hour.
  const returned = new Map<string, string>()

  /** The body under its name; every reply holds things under their names. */
  async function get<T>(path: string, name: string, options: RequestOptions = {}): Promise<T> {
    return named<T>((await http.request('GET', path, options)).data, name)
  }
  async function page<T>(path: string, name: string, options: RequestOptions): Promise<CursorPage<T>> {
    const answer = await http.request('GET', path, options)
    const next = (answer.pagination as { nextCursor?: string | null } | undefined)?.nextCursor
    return { items: named<T[]>(answer.data, name), nextCursor: next ?? null }
  }
  function asOwner(orderId: string, options: RequestOptions = {}): RequestOptions {
    const token = tokens.find(orderId)
    return token === undefined ? options : { ...options, headers: { ...options.headers, 'x-guest-token': token } }
  }
  function asReturned(orderId: string, options: RequestOptions = {}): RequestOptions {
    const owner = asOwner(orderId, options)
    const token = returned.get(orderId)
    return token === undefined ? owner : { ...owner, headers: { ...owner.headers, 'x-return-token': token } }
  }

  return {
    // Catalogue

    listProducts(query: ProductQuery = {}, options?: CallOptions): Promise<CursorPage<Product>> {
      return page('/api/products', 'products', { ...options, query })
    },
    /** By id or slug. */
    getProduct(idOrSlug: string, options?: CallOptions): Promise<Product> {
      return get(`/api/products/${encodeURIComponent(idOrSlug)}`, 'product', options)
    },
    listCategories(options?: CallOptions): Promise<Category[]> {
      return get('/api/categories', 'categories', options)
    },
    listShops(options?: CallOptions): Promise<Shop[]> {
      return get('/api/shops', 'shops', options)
    },

    // Cart of a customer who is signed in

    getCart(options?: CallOptions): Promise<Cart> {
      return get('/api/cart', 'cart', options)
    },
    /** Replaces the whole cart. */
    async putCart(items: readonly CartItemInput[]): Promise<Cart> {
      return named<Cart>((await http.request('PUT', '/api/cart', { body: { items } })).data, 'cart')
    },

    // Orders

    /** What these items cost now; creates nothing. */
    async quote(body: QuoteBody, options?: CallOptions): Promise<Quote> {
      return named<Quote>((await http.request('POST', '/api/orders/quote', { ...options, body })).data, 'quote')
    },

    /**
     * Places an order and opens its payment. With an idempotency key a broken connection is tried again, because the
     * same key can only ever make one order; without one, a broken connection is an error and nothing is repeated.
     *
     * A `provider_unavailable` error means that the order exists (`details.orderId`) and can be paid later; with
     * `payment_refused` it exists too, but the shop's account at the provider does not take its payment.
     *
     * A repeated answer (`isReplay`) is as old as the first one. It has no hand-off: money may have come since, so whoever
     * wants to pay asks createPayment, which knows.
     */
    async placeOrder(
      body: PlaceOrderBody,
      { idempotencyKey, ...retry }: { idempotencyKey?: string } & RetryOptions = {},
    ): Promise<PlacedOrder & { isReplay: boolean }> {
      const headers: Record<string, string> = idempotencyKey === undefined ? {} : { 'idempotency-key': idempotencyKey }
      const call = () => http.request('POST', '/api/orders', { body, headers, ...signalOf(retry) })
      try {
        const answer =
          idempotencyKey === undefined
            ? await call()
            : await withRetries(call, { gapsMs: PLACE_ORDER_GAPS_MS, ...retry })
        const placed = answer.data as PlacedOrder
        if (placed.guestToken !== undefined) tokens.keep(placed.order.id, placed.guestToken)
        if (!answer.isReplay) return { ...placed, isReplay: false }
        const { payment: _, ...rest } = placed
        return { ...rest, isReplay: true }
      } catch (error) {
        // The order of a failed hand-off belongs to this guest as well, where the server hands its token out.
        const orderId = errorDetail(error, 'orderId')
        const guestToken = errorDetail(error, 'guestToken')
        if (orderId !== undefined && guestToken !== undefined) tokens.keep(orderId, guestToken)
        throw error
      }
    },

    getOrder(orderId: string, options?: CallOptions): Promise<Order> {
      return get(`/api/orders/${encodeURIComponent(orderId)}`, 'order', asOwner(orderId, options))
    },
    /** The newest of what happened to an order, the oldest of it first; `nextCursor` leads to what was before. */
    listOrderEvents(
      orderId: string,
      query: { cursor?: string } = {},
      options?: CallOptions,
    ): Promise<CursorPage<OrderEvent>> {
      const path = `/api/orders/${encodeURIComponent(orderId)}/events`
      return page(path, 'events', { ...asOwner(orderId, options), query })
    },
    /** Cancels; money that was captured goes back by itself. */
    async cancelOrder(orderId: string, reason?: string): Promise<Order> {
      const path = `/api/orders/${encodeURIComponent(orderId)}/cancel`
      const body = reason === undefined ? {} : { reason }
      return named<Order>((await http.request('POST', path, asOwner(orderId, { body }))).data, 'order')
    },
    listMyOrders(query: { cursor?: string; limit?: number } = {}, options?: CallOptions) {
      return page<OrderSummary>('/api/orders/user/my-orders', 'orders', { ...options, query })
    },
    /** The invoice of a confirmed order, a PDF. */
    getInvoice(orderId: string): Promise<Blob> {
      return http.file(`/api/orders/${encodeURIComponent(orderId)}/invoice.pdf`, asOwner(orderId))
    },
    /** Whether this browser holds the token of a guest's order, and so may see and pay it. */
    hasGuestToken(orderId: string): boolean {
      return tokens.find(orderId) !== undefined
    },
    /** Ids of the orders that this browser placed as a guest, newest first. */
    listGuestOrderIds(): string[] {
      return tokens.list()
    },

    // Payments

    /** Opens the payment of an order, or hands out the one that is still open. */
    async createPayment(body: CreatePaymentBody): Promise<HandOff> {
      return (await http.request('POST', '/api/payments/create', asOwner(body.orderId, { body }))).data as HandOff
    },

    /**
     * Tells the server what the shopper's browser got from the provider. The same call twice gives the same answer, so
     * a broken connection is tried again with growing gaps until the server has answered or refused.
     */
    async verifyPayment(
      body: VerifyPaymentBody & { orderId: string },
      retry: RetryOptions = {},
    ): Promise<VerifiedPayment> {
      const call = () =>
        http.request('POST', '/api/payments/verify', asOwner(body.orderId, { body, ...signalOf(retry) }))
      return (await withRetries(call, retry)).data as VerifiedPayment
    },

    async getPaymentState(orderId: string, options?: CallOptions): Promise<OrderPaymentState> {
      const path = `/api/payments/${encodeURIComponent(orderId)}/status`
      return (await http.request('GET', path, asReturned(orderId, options))).data as OrderPaymentState
    },
    /** Has the provider asked now what became of the money: for a person who waits, and a few times a minute at most. */
    async askPayment(orderId: string, options?: CallOptions): Promise<AskedPayment> {
      const path = `/api/payments/${encodeURIComponent(orderId)}/ask`
      return (await http.request('POST', path, asReturned(orderId, { ...options, body: {} }))).data as AskedPayment
    },
    /** Notes what the shop gave a browser that came back from the provider's page: by it the state can be read. */
    keepReturnToken(orderId: string, token: string): void {
      returned.set(orderId, token)
    },

    // Who is there

    /** The signed-in user, or null. */
    async getUser(options?: CallOptions): Promise<SessionUser | null> {
      const session = (await http.plain('GET', '/api/auth/get-session', options)) as { user?: SessionUser } | null
      return session?.user ?? null
    },
    async signIn(credentials: Credentials): Promise<void> {
      await http.plain('POST', '/api/auth/sign-in/email', { body: credentials })
    },
    /**
     * Makes an account and signs in. Signing up says the same whether the address was free or not; an address that has
     * an account with another password shows by the sign-in, which is refused as `unauthenticated`.
     */
    async signUp(details: Credentials & { name: string }): Promise<void> {
      await http.plain('POST', '/api/auth/sign-up/email', { body: details })
      await http.plain('POST', '/api/auth/sign-in/email', {
        body: { email: details.email, password: details.password },
      })
    },
    async signOut(): Promise<void> {
      await http.plain('POST', '/api/auth/sign-out', { body: {} })
    },
  }
}

function named<T>(data: unknown, name: string): T {
  return (data as Record<string, T>)[name] as T
}

function signalOf(options: { signal?: AbortSignal }): CallOptions {
  return options.signal === undefined ? {} : { signal: options.signal }
}
