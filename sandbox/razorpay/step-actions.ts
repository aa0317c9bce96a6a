/** What each planned step does when its time has come; it runs inside a transaction. */
import { shareDown, subtract } from '../../shared/money.ts'
import type { HookPolicy } from '../webhooks/outbox.ts'
import { autoRefund, captureOrRelease, failPayment, settleRefund } from './lifecycle.ts'
import type { Shop } from './shop.ts'
import type { StepKind } from './steps.ts'
import type { Step } from './tables.ts'

const HALF_BPS = 5000

/** A step whose subject has gone another way in the meantime does nothing. */
export function performStep(shop: Shop, { kind, subject, args }: Step): void {
  const hooks: HookPolicy = JSON.parse(args)
  switch (kind as StepKind) {
    case 'captured':
    case 'authorized': {
      const payment = shop.tables.findPayment(subject)
      if (payment === undefined || !['created', 'failed', 'authorized'].includes(payment.doc.status)) return
      shop.outbox.emit(
        captureOrRelease(shop, subject, { capture: kind === 'captured' ? 'as-ordered' : 'never' }),
        hooks,
      )
      return
    }
    case 'failed': {
      if (shop.tables.findPayment(subject)?.doc.status !== 'created') return
      shop.outbox.emit(failPayment(shop, subject, 'payment_timed_out'), hooks)
      return
    }
    case 'refunded':
    case 'part-refunded': {
      const payment = shop.tables.findPayment(subject)
      if (payment?.doc.status !== 'captured') return
      const left = subtract(payment.doc.amount, payment.doc.amount_refunded)
      shop.outbox.emit(autoRefund(shop, subject, kind === 'refunded' ? left : shareDown(left, HALF_BPS)), hooks)
      return
    }
    case 'release': {
      if (shop.tables.findPayment(subject)?.doc.status !== 'authorized') return
      shop.outbox.emit(autoRefund(shop, subject), hooks)
      return
    }
    case 'refund-processed':
    case 'refund-failed': {
      if (shop.tables.findRefund(subject)?.status !== 'pending') return
      shop.outbox.emit(settleRefund(shop, subject, kind === 'refund-failed' ? 'failed' : 'processed'), hooks)
      return
    }
    case 'refund-returned': {
      if (shop.tables.findRefund(subject)?.status !== 'processed') return
      shop.outbox.emit(settleRefund(shop, subject, 'failed'), hooks)
      return
    }
  }
}
