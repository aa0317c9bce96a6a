/** Money moved by hand. Every route is for admins, takes a reason, and leaves it in the order's timeline. */
import { Type, type Static } from 'typebox'
import { IdInPath, replies, Success } from '../../../shared/contract/envelope.ts'
import {
  AttachBody,
  CaptureBody,
  Payment,
  Refund,
  RefundBody,
  ResolveBody,
  WaitsFor,
} from '../../../shared/contract/payments.ts'
import type { Accounts } from '../../accounts/service.ts'
import { isId } from '../../orders/viewer.ts'
import { AppError, invalidField } from '../../platform/errors.ts'
import type { App } from '../../platform/http.ts'
import { KEPT_AS_IT_IS, withIdempotencyKey, type Keyed } from '../../platform/idempotency.ts'
import { readableText } from '../../platform/text.ts'
import type { PaymentDeps } from '../context.ts'
import { getPayment, listWithAttempts } from '../listing.ts'
import { attachPayment } from './attach.ts'
import { captureByHand, markAbandoned, markPaidOrAsk } from './payment-by-hand.ts'
import { findDecided, refundByHand, type Decided } from './refund-by-hand.ts'

const Resolved = Type.Object({ payments: Type.Array(Payment), waitsFor: Type.Optional(WaitsFor) })
type Resolved = Static<typeof Resolved>

const PaymentParams = Type.Object({ id: IdInPath })

export function registerPaymentAdminRoutes(app: App, deps: PaymentDeps, accounts: Accounts): void {
  app.post(
    '/api/payments/refund',
    {
      schema: {
        tags: ['Admin'],
        summary: 'Refund a payment, in full or in part',
        description:
          'Counts against what can still be refunded from this moment on; a worker sends it. Above ' +
          'REFUND_APPROVAL_ABOVE it waits in the review queue for a second admin.',
        body: RefundBody,
        response: replies(Success(Type.Object({ refund: Refund, refunds: Type.Array(Refund) })), 202),
      },
    },
    async (request, reply) => {
      const admin = await accounts.requireRole(request, 'admin')
      const refund = async (keyed: Keyed | undefined) => {
        const id = keyed?.effectId ?? deps.ports.ids.uuid()
        return { status: 202, body: await refundByHand(deps, request.body, id, { adminId: admin.userId }) }
      }
      const answer = await withIdempotencyKey(deps.db, request, reply, `user:${admin.userId}`, refund, {
        ...KEPT_AS_IT_IS,
        rebuild: (id) => findDecided(deps.db, id),
      })
      return reply.code(202).send({ success: true as const, data: answer.body as Decided })
    },
  )

  app.post(
    '/api/payments/:id/capture',
    {
      schema: {
        tags: ['Admin'],
        summary: 'Capture what is authorized for a payment',
        description: 'Asks the provider first. 409 payment_state_unknown when it does not answer.',
        params: PaymentParams,
        body: CaptureBody,
        response: replies(Success(Type.Object({ payment: Payment }))),
      },
    },
    async (request, reply) => {
      const admin = await accounts.requireRole(request, 'admin')
      const paymentId = paymentIdOf(request.params.id)
      const endpoint = `POST /api/payments/${paymentId}/capture`
      const capture = async () => {
        await captureByHand(deps, paymentId, readableText('reason', request.body.reason), { adminId: admin.userId })
        return { status: 200, body: (await getPayment(deps.db, paymentId, 'staff')).payment }
      }
      const owner = `user:${admin.userId}`
      const answer = await withIdempotencyKey(deps.db, request, reply, owner, capture, undefined, endpoint)
      return { success: true as const, data: { payment: answer.body as Payment } }
    },
  )

  app.post(
    '/api/payments/:id/resolve',
    {
      schema: {
        tags: ['Admin'],
        summary: 'Mark by hand: paid by a bank transfer, or abandoned',
        description:
          'Asks the provider first. Paid needs the reference of the transfer, which can pay one order only. 202 with ' +
          '`waitsFor`: it is more than one person may say has come, and a second admin is asked.',
        params: PaymentParams,
        body: ResolveBody,
        response: { ...replies(Success(Resolved)), 202: Success(Resolved) },
      },
    },
    async (request, reply) => {
      const admin = await accounts.requireRole(request, 'admin')
      const paymentId = paymentIdOf(request.params.id)
      const { status, reference } = request.body
      if (status === 'paid' && reference === undefined) {
        throw invalidField('reference', 'is required to mark a payment as paid')
      }
      const reason = readableText('reason', request.body.reason)
      const by = { adminId: admin.userId }
      const endpoint = `POST /api/payments/${paymentId}/resolve`
      const resolve = async (keyed: Keyed | undefined) => {
        const { orderId, payment } = await getPayment(deps.db, paymentId, 'staff')
        // An earlier request with this key has closed it, and its answer was lost.
        const done = keyed?.resumed === true && payment.status === 'abandoned'
        let waitsFor: WaitsFor | undefined
        if (status === 'paid' && reference !== undefined) {
          waitsFor = await markPaidOrAsk(deps, { paymentId, orderId, reference: reference.trim(), reason }, by)
        } else if (!done) await markAbandoned(deps, paymentId, reason, by)
        const payments = await listWithAttempts(deps.db, [orderId], 'staff')
        return waitsFor === undefined ? { status: 200, body: payments } : { status: 202, body: { payments, waitsFor } }
      }
      const owner = `user:${admin.userId}`
      const answer = await withIdempotencyKey(deps.db, request, reply, owner, resolve, undefined, endpoint)
      if (answer.status === 202) {
        return reply.code(202).send({ success: true as const, data: answer.body as Resolved })
      }
      return { success: true as const, data: { payments: answer.body as Payment[] } }
    },
  )

  app.post(
    '/api/admin/payments/attach',
    {
      schema: {
        tags: ['Admin'],
        summary: "Bind a provider's payment, which belongs to nothing of ours, to an order",
        description:
          'What becomes of it follows the rules of every capture: it confirms the order, waits, or goes back.',
        body: AttachBody,
        response: replies(Success(Type.Object({ payments: Type.Array(Payment) }))),
      },
    },
    async (request, reply) => {
      const admin = await accounts.requireRole(request, 'admin')
      const { reason, ...wanted } = request.body
      const answer = await withIdempotencyKey(deps.db, request, reply, `user:${admin.userId}`, async () => {
        await attachPayment(deps, { ...wanted, reason: readableText('reason', reason) }, { adminId: admin.userId })
        return { status: 200, body: await listWithAttempts(deps.db, [wanted.orderId], 'staff') }
      })
      return { success: true as const, data: { payments: answer.body as Payment[] } }
    },
  )
}

function paymentIdOf(text: string): string {
  if (!isId(text)) throw new AppError('payment_not_found', 'There is no such payment.')
  return text
}
