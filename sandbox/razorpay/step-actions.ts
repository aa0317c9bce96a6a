/** What each planned step does when its time has come; it runs inside a transaction. */
import type { HookPolicy } from '../webhooks/outbox.ts'
import { autoRefund, captureOrRelease, failPayment, settleRefund } from './lifecycle.ts'
import type { Shop } from './shop.ts'
import type { StepKind } from './steps.ts'
import type { Step } from './tables.ts'

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
    case 'refunded': {
      if (shop.tables.findPayment(subject)?.doc.status !== 'captured') return
      shop.outbox.emit(autoRefund(shop, subject), hooks)
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
  }
}
