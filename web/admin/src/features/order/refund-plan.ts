/**
 * What a refund by hand would do, said before it is asked for: how much can still go back, what the chosen lines cost,
 * and what it brings about. The server judges it again under its lock. Pure.
 */
import type { Order } from '../../../../../shared/contract/orders.ts'
import type { RefundBody } from '../../../../../shared/contract/payments.ts'
import { amountBack, type SoldUnits, unitsLeft as unitsLeftOf } from '../../../../../shared/line.ts'
import { add, smaller, subtract } from '../../../../../shared/money.ts'
import { countOf, formatMoney, methodWords, providerName } from '../../../../ui/format.ts'
import type { Phrase } from '../../../../ui/phrase.ts'

type Payment = Order['payments'][number]

/** A payment with money that can still go back, and the least that its provider sends back at once, where one does. */
export type Refundable = { payment: Payment; amount: number; least: number | null; wayWords: string | null }

/**
 * Payments that still hold money, the one that holds most first. Refunds that are under way count as gone.
 *
 * @param least by provider
 */
export function refundables(order: Order, least: Readonly<Record<string, number>> = {}): Refundable[] {
  return order.payments
    .map((payment) => {
      const captures = payment.attempts.filter((attempt) => attempt.capturedAmount > 0)
      const captured = add(0, ...captures.map((attempt) => attempt.capturedAmount))
      const gone = payment.refunds.filter((refund) => refund.status !== 'failed')
      // One refund is taken from one capture: of a payment that was captured twice, from the fuller one.
      const fullest = captures.toSorted((a, b) => leftOf(b) - leftOf(a))[0]
      const left = subtract(captured, add(0, ...gone.map((refund) => refund.amount)))
      return {
        payment,
        amount: fullest ? smaller(left, leftOf(fullest)) : 0,
        least: least[payment.provider] ?? null,
        wayWords: fullest ? methodWords(fullest.method, fullest.methodDetail) : null,
      }
    })
    .filter((each) => each.amount > 0)
    .toSorted((a, b) => subtract(b.amount, a.amount))
}

function leftOf(capture: Payment['attempts'][number]): number {
  return subtract(capture.capturedAmount, capture.refundedAmount)
}

export type RefundKind = 'all' | 'amount' | 'items'

/** How many of each line go back, by the line's id. */
export type Quantities = Readonly<Record<string, number>>

export type RefundPlan = {
  payment: Payment
  kind: RefundKind
  /** In minor units; null while what was typed is no amount, and then why it is none. */
  amount: number | null
  amountProblem: string | null
  quantities: Quantities
  destination: 'source' | 'wallet'
  restock: boolean
  reason: string
  /** What the customer reads; empty for a sentence of the house. */
  message: string
}

type Item = Order['items'][number]

function soldUnits(item: Item): SoldUnits {
  return {
    quantity: item.quantity,
    gross: add(item.total, item.tax),
    returned: { quantity: item.returnedQuantity, amount: item.returnedAmount },
  }
}

/** What can still be taken back of a line: a unit is given back once. */
export function unitsLeft(item: Item): number {
  return unitsLeftOf(soldUnits(item))
}

/** What goes back with these units of the lines, as the server computes it. */
export function worthOf(order: Order, quantities: Quantities): number {
  return add(0, ...order.items.map((item) => amountBack(soldUnits(item), quantities[item.id] ?? 0)))
}

/** What would go back; null while it is not said well enough. */
export function amountOf(plan: RefundPlan, order: Order, refundable: number): number | null {
  switch (plan.kind) {
    case 'all':
      return refundable
    case 'amount':
      return plan.amount
    case 'items':
      return worthOf(order, plan.quantities)
  }
}

export type PlanProblems = {
  all: string | null
  amount: string | null
  items: string | null
  reason: string | null
}

/** What is still missing or wrong, in words with the fix. */
export function problemsOf(plan: RefundPlan, order: Order, refundable: Refundable): PlanProblems {
  const amount = amountOf(plan, order, refundable.amount)
  const isTooMuch = amount !== null && amount > refundable.amount
  const tooLittle = tooLittleWords(plan, amount, refundable, order.currency)
  return {
    all: plan.kind === 'all' ? tooLittle : null,
    amount:
      plan.kind !== 'amount'
        ? null
        : amount === null
          ? plan.amountProblem
          : amount === 0
            ? 'An amount above zero.'
            : isTooMuch
              ? 'More than can still go back.'
              : tooLittle,
    items:
      plan.kind !== 'items'
        ? null
        : Object.values(plan.quantities).every((quantity) => quantity === 0)
          ? 'Choose at least one thing.'
          : amount === 0
            ? 'Nothing is left of what these cost. Send an amount instead.'
            : isTooMuch
              ? 'These cost more than can still go back. Send an amount instead.'
              : tooLittle,
    reason: plan.reason.trim() === '' ? 'Say why, in a few words. It is kept for good, for staff alone.' : null,
  }
}

/** Why the provider would not send this back; null where it would. */
function tooLittleWords(
  plan: RefundPlan,
  amount: number | null,
  { least, payment }: Refundable,
  currency: string,
): string | null {
  if (plan.destination === 'wallet' || least === null || amount === null || amount >= least) return null
  return `${providerName(payment.provider)} sends back no less than ${formatMoney(least, currency)} at once.`
}

/** What to ask the API for. Lines are named with their quantities, so that their shops bear it. */
export function refundBody(plan: RefundPlan, amount: number): RefundBody {
  const items = Object.entries(plan.quantities)
    .filter(([, quantity]) => quantity > 0)
    .map(([itemId, quantity]) => ({ itemId, quantity }))
  return {
    paymentId: plan.payment.id,
    reason: plan.reason.trim(),
    ...(plan.message.trim() === '' ? {} : { message: plan.message.trim() }),
    destination: plan.destination,
    ...(plan.kind === 'items' ? { items } : { amount }),
    ...(plan.restock && canRestock(plan) ? { restock: true } : {}),
  }
}

/** Units can go back into stock when the lines are named, or with everything. */
export function canRestock(plan: Pick<RefundPlan, 'kind'>): boolean {
  return plan.kind !== 'amount'
}

/** The stock of an order was taken from the shelf when it was confirmed; before and after there is none to give back. */
export function holdsStock(order: Order): boolean {
  return order.status === 'confirmed' || order.status === 'shipped' || order.status === 'delivered'
}

/** What the refund brings about: money, stock, a second person, and what stays. */
export function refundConsequences(
  plan: RefundPlan,
  order: Order,
  refundable: Refundable,
  alone: number | null,
): Phrase[] {
  const amount = amountOf(plan, order, refundable.amount)
  const money = (value: number) => ({ amount: value, currency: order.currency })
  const needsSecond = amount !== null && alone !== null && amount > alone
  const lines: Phrase[] = []
  if (needsSecond) {
    lines.push(['A second person must agree first. It waits in the review queue; nothing is sent before.'])
  }
  const way = refundable.wayWords ? ` (${refundable.wayWords})` : ''
  lines.push(
    plan.destination === 'wallet'
      ? ['It is in the customer’s wallet at once.']
      : [`${providerName(plan.payment.provider)} sends it to where it came from${way}. Banks take some days.`],
  )
  if (plan.restock && canRestock(plan)) {
    const units =
      plan.kind === 'all' ? add(0, ...order.items.map(unitsLeft)) : add(0, ...Object.values(plan.quantities))
    lines.push([`${countOf(units, 'thing')} ${units === 1 ? 'goes' : 'go'} back in stock.`])
  } else if (holdsStock(order)) lines.push(['Nothing goes back in stock.'])
  if (amount !== null && amount > 0 && amount <= refundable.amount) {
    const left = subtract(refundable.amount, amount)
    lines.push(left === 0 ? ['Nothing of this payment is left then.'] : [money(left), ' stays.'])
    const { least } = refundable
    if (left > 0 && least !== null && left < least) {
      const who = providerName(plan.payment.provider)
      lines.push([`${who} sends back no less than `, money(least), ', so the rest can go back only in another way.'])
    }
  }
  if (order.status === 'confirmed' && leavesNothing(plan, order, amount)) lines.push(['Nothing is left to send then.'])
  else if (order.status !== 'cancelled') lines.push(['The order itself goes on.'])
  return lines
}

/** Whether everything would be given back: each unit, or all the money that is held, which undoes all of the sale. */
function leavesNothing(plan: RefundPlan, order: Order, amount: number | null): boolean {
  if (plan.kind === 'items' && order.items.every((item) => (plan.quantities[item.id] ?? 0) >= unitsLeft(item)))
    return true
  return amount === add(0, ...refundables(order).map((each) => each.amount))
}
