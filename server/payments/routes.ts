import { Type } from 'typebox'
import { CursorList, CursorQuery, Id, IdInPath, replies, Success } from '../../shared/contract/envelope.ts'
import {
  AskedPayment,
  CreatePaymentBody,
  HandOff,
  OrderPaymentState,
  Payment,
  VERIFY_ALIASES,
  VerifiedPayment,
  VerifyPaymentBody,
} from '../../shared/contract/payments.ts'
import { audienceOf } from '../accounts/account.ts'
import type { Accounts } from '../accounts/service.ts'
import { assertMaySee } from '../orders/access.ts'
import { getOrder, listOwn } from '../orders/finding.ts'
import { clientOf, isId, tellableOrder, viewerOf, visibleOrder } from '../orders/viewer.ts'
import { underEitherName } from '../platform/aliases.ts'
import { AppError, invalidField } from '../platform/errors.ts'
import type { App } from '../platform/http.ts'
import { withIdempotencyKey } from '../platform/idempotency.ts'
import { stateOf, askNow } from './ask.ts'
import type { PaymentDeps } from './context.ts'
import { getPayment, knownPayments, listWithAttempts } from './listing.ts'
import { createPayment } from './create.ts'
import { handOff } from './open.ts'
import { verifyPayment } from './verify.ts'

export function registerPaymentRoutes(app: App, deps: PaymentDeps & { secret: string }, accounts: Accounts): void {
  for (const url of ['/api/payments/create', '/api/payments/create-order']) {
    app.post(
      url,
      {
        schema: {
          tags: ['Payments'],
          summary: 'Get what the browser needs to pay an order',
          description: '200 when the payment was open already, 201 when it was opened by this call.',
          hide: url !== '/api/payments/create',
          body: CreatePaymentBody,
          response: { ...replies(Success(HandOff)), 201: Success(HandOff) },
        },
      },
      async (request, reply) => {
        const viewer = await viewerOf(accounts, request)
        await deps.limiter.count('payments.create', clientOf(viewer, request))
        const { orderId, provider } = request.body
        await visibleOrder(deps.db, accounts, request, orderId)
        const owner = viewer.principal === undefined ? `guest:${orderId}` : `user:${viewer.principal.userId}`
        const open = async () => {
          const { order, payment, created } = await createPayment(deps, orderId, provider)
          return { status: created ? 201 : 200, body: handOff(deps, order, payment) }
        }
        const endpoint = 'POST /api/payments/create'
        const answer = await withIdempotencyKey(deps.db, request, reply, owner, open, undefined, endpoint)
        return reply
          .code(answer.status === 201 ? 201 : 200)
          .send({ success: true as const, data: answer.body as HandOff })
      },
    )
  }

  for (const url of ['/api/payments/verify', '/api/orders/verify-payment']) {
    app.post(
      url,
      {
        schema: {
          tags: ['Payments'],
          summary: 'Bring back what the provider gave the browser',
          description: 'Can be repeated: the same answer. A signature that is not valid changes nothing.',
          hide: url !== '/api/payments/verify',
          body: VerifyPaymentBody,
          response: replies(Success(VerifiedPayment)),
        },
      },
      async (request) => {
        for (const [name, alias] of VERIFY_ALIASES) underEitherName(request.body, name, alias)
        const orderId = request.body.orderId ?? request.body.order_id
        if (orderId === undefined) throw invalidField('orderId', 'is required')
        const viewer = await viewerOf(accounts, request)
        await deps.limiter.count('payments.verify', clientOf(viewer, request))
        const [order, known] = await deps.db.together((reads) =>
          Promise.all([visibleOrder(reads, accounts, request, orderId), knownPayments(reads, orderId)]),
        )
        return { success: true as const, data: await verifyPayment(deps, order, known, request.body) }
      },
    )
  }

  app.get(
    '/api/payments/:id/status',
    {
      schema: {
        tags: ['Payments'],
        summary: 'What became of the money for an order',
        params: Type.Object({ id: IdInPath }),
        response: replies(Success(OrderPaymentState)),
      },
    },
    async (request) => {
      const order = await tellableOrder(deps, accounts, request, request.params.id)
      const now = deps.ports.clock.now()
      const state = await deps.db.together((reads) => stateOf(reads, order, now))
      return { success: true as const, data: state }
    },
  )

  app.post(
    '/api/payments/:id/ask',
    {
      schema: {
        tags: ['Payments'],
        summary: 'Ask the provider now what became of the money for an order',
        description:
          'For a shopper who waits: what the provider says is settled, and the state is answered as it then is. A few times ' +
          'a minute per order; 429 beyond that.',
        params: Type.Object({ id: IdInPath }),
        body: Type.Union([Type.Object({}, { additionalProperties: false }), Type.Null()]),
        response: replies(Success(AskedPayment)),
      },
    },
    async (request) => {
      const order = await tellableOrder(deps, accounts, request, request.params.id)
      await deps.limiter.count('payments.asked_by', clientOf(await viewerOf(accounts, request), request))
      return { success: true as const, data: await askNow(deps, order) }
    },
  )

  app.get(
    '/api/payments/:id',
    {
      schema: {
        tags: ['Payments'],
        summary: 'A payment with its attempts and refunds',
        params: Type.Object({ id: IdInPath }),
        response: replies(Success(Type.Object({ payment: Payment }))),
      },
    },
    async (request) => {
      const viewer = await viewerOf(accounts, request)
      if (viewer.principal === undefined && viewer.guestToken === undefined) {
        throw new AppError('unauthenticated', 'Sign in, or send the X-Guest-Token of the order.')
      }
      if (!isId(request.params.id)) throw new AppError('payment_not_found', 'There is no such payment.')
      const { payment, orderId } = await getPayment(deps.db, request.params.id, audienceOf(viewer.principal))
      assertMaySee(await getOrder(deps.db, orderId), viewer)
      return { success: true as const, data: { payment } }
    },
  )

  app.get(
    '/api/payments',
    {
      schema: {
        tags: ['Payments'],
        summary: "One's own payments, newest order first; an admin may name any order",
        querystring: Type.Object({ ...CursorQuery, orderId: Type.Optional(Id) }),
        response: replies(CursorList(Type.Object({ payments: Type.Array(Payment) }))),
      },
    },
    async (request) => {
      const { orderId, cursor, limit = 24 } = request.query
      const audience = audienceOf(await accounts.find(request))
      if (orderId !== undefined) {
        const order = await visibleOrder(deps.db, accounts, request, orderId)
        const listed = await listWithAttempts(deps.db, [order.id], audience)
        return { success: true as const, data: { payments: listed }, pagination: { limit, nextCursor: null } }
      }
      const principal = await accounts.require(request)
      const page = await listOwn(deps.db, principal.userId, cursor, limit + 1)
      const shown = page.slice(0, limit)
      const listed = await listWithAttempts(
        deps.db,
        shown.map((order) => order.id),
        audience,
      )
      return {
        success: true as const,
        data: { payments: listed.toReversed() },
        pagination: { limit, nextCursor: page.length > limit ? (shown.at(-1)?.id ?? null) : null },
      }
    },
  )
}
