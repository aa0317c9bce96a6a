/** One slice of time, refunds: the provider's list against ours, both ways. Refunds made at its dashboard are taken over. */
import assert from 'node:assert/strict'
import { unknownCaptureCause, unknownCaptured, unknownRefunded } from '../ledger/provider-movement.ts'
import * as ledger from '../ledger/service.ts'
import * as payments from '../payments/service.ts'
import type { BookedAttempt, BookedRefund } from '../payments/service.ts'
import type { AttemptFact, RefundFact } from '../payments/payment.ts'
import type { ListedRefund } from '../payments/provider.ts'
import { forEachOf } from '../platform/passes.ts'
import { compareRefund, type Verdict } from './compare.ts'
import { heal, interrupted, MOST_HEALED, type Remedy } from './heal.ts'
import { maker, settledWell } from './payments-phase.ts'
import * as questions from './questions.ts'
import { AT_ONCE, Tally, type Finding, type Found, type Recorded, type Work } from './work.ts'
import { mostRows } from './window.ts'

/** A refund that needs more than a look. */
interface Case {
  ref: string
  ours: BookedRefund | undefined
  orderId: string
  paymentId: string | null
  providerOrderId: string
  theirs: ListedRefund | undefined
  /** The capture that it takes back, where we have missed that too. */
  capture?: AttemptFact
  calls: Recorded[]
  verdict: Verdict
}

/** @returns undefined when the slice holds too much and must be smaller */
export async function compareRefunds(
  work: Work,
  window: { from: Date; to: Date },
): Promise<Omit<Found, 'next'> | undefined> {
  const { deps, run } = work
  const most = mostRows(run.slice_s)
  const [theirs, booked] = await Promise.all([
    listRefunds(work, window, most),
    payments.listBookedRefunds(deps.db, run.provider, window, most + 1),
  ])
  if (theirs === undefined || booked.length > most) return undefined

  const known = new Map<string, BookedRefund>()
  const note = (row: BookedRefund) => {
    if (row.provider_refund_id !== null) known.set(row.provider_refund_id, row)
    else known.set(row.id, row)
  }
  booked.forEach(note)
  const strangers = [...theirs.values()].filter((refund) => !known.has(refund.providerRefundId))
  const others = await payments.findBookedRefunds(
    deps.db,
    run.provider,
    strangers.map((refund) => refund.providerRefundId),
    strangers.flatMap((refund) => refund.ourRefundId ?? []),
  )
  others.forEach(note)
  const oursOf = (refund: ListedRefund) => known.get(refund.providerRefundId) ?? known.get(refund.ourRefundId ?? '')
  const unmet = [...theirs.values()].filter((refund) => oursOf(refund) === undefined)
  const attempts = new Map<string, BookedAttempt>()
  for (const row of await payments.findBookedAttempts(
    deps.db,
    run.provider,
    unmet.map((refund) => refund.providerPaymentId),
  )) {
    attempts.set(row.provider_payment_id, row)
  }

  const begun = await interrupted(work, 'refund')
  const found: Omit<Found, 'next'> = {
    rows: Math.max(theirs.size, booked.length),
    matched: new Tally(),
    findings: [],
    postings: [],
    lines: [],
    checked: [],
  }
  const cases: Case[] = []
  const orphans: ListedRefund[] = []
  for (const refund of theirs.values()) {
    const ref = refund.providerRefundId
    const ours = oursOf(refund)
    const attempt = attempts.get(refund.providerPaymentId)
    if (ours === undefined && (attempt === undefined || attempt.captured_amount === 0)) {
      // An authorization that was given back took none of our money.
      if (attempt?.status === 'refunded') notOurs(work, found, refund)
      else orphans.push(refund)
      continue
    }
    const place = ours ?? attempt
    if (place === undefined) continue
    const verdict = compareRefund(ours, refund)
    const { order_id: orderId, payment_id: paymentId, provider_order_id: providerOrderId } = place
    if (verdict.kind === 'matched') settledWell(found, begun, 'refund', ref, refund)
    else cases.push({ ref, ours, orderId, paymentId, providerOrderId, theirs: refund, calls: [], verdict })
  }
  for (const ours of booked) {
    const ref = ours.provider_refund_id
    if (ref === null || theirs.has(ref)) continue
    const { order_id: orderId, payment_id: paymentId, provider_order_id: providerOrderId } = ours
    const verdict = { kind: 'contradicts', detail: 'The provider does not list it.' } as const
    cases.push({ ref, ours, orderId, paymentId, providerOrderId, theirs: undefined, calls: [], verdict })
  }
  if (cases.length + orphans.length > MOST_HEALED && run.slice_s > 1) return undefined

  await forEachOf(orphans, AT_ONCE, (refund) => adopt(work, found, cases, refund))
  await askAgain(work, cases)
  await heal(
    work,
    cases.flatMap((each) => remedyOf(each)),
  )
  const after = new Map(
    (
      await payments.findBookedRefunds(
        deps.db,
        run.provider,
        cases.map((each) => each.ref),
        [],
      )
    ).map((row) => [row.provider_refund_id, row]),
  )
  for (const each of cases) {
    if (each.verdict.kind === 'matched') settledWell(found, begun, 'refund', each.ref, each.theirs)
    else found.findings.push(conclude(work, each, after.get(each.ref)))
  }
  return found
}

async function listRefunds(
  work: Work,
  window: { from: Date; to: Date },
  most: number,
): Promise<Map<string, ListedRefund> | undefined> {
  const refunds = new Map<string, ListedRefund>()
  const asked = { from: window.from, to: new Date(window.to.getTime() - 1_000) }
  const whole = await work.readList(
    'listRefunds',
    asked,
    (page) => work.provider.listRefunds(asked, page),
    (page) => {
      for (const refund of page.refunds) refunds.set(refund.providerRefundId, refund)
      return refunds.size
    },
    most,
  )
  return whole ? refunds : undefined
}

/**
 * A refund of a payment that we do not have as captured. The provider is asked about the payment: it may be one of ours
 * that we missed, older than what is looked at; money in suspense; or nothing of ours.
 */
async function adopt(work: Work, found: Omit<Found, 'next'>, cases: Case[], refund: ListedRefund): Promise<void> {
  const { deps, provider } = work
  const { providerPaymentId, providerRefundId: ref, amount, currency } = refund
  const held = unknownCaptureCause(provider.name, providerPaymentId)
  const posted = (await ledger.findPosted(deps.db, [held])).has(held)
  if (!posted) {
    const answer = await work.fetchPayment(providerPaymentId)
    if (answer?.fact.status !== 'captured') return notOurs(work, found, refund)
    const { fact, record } = answer
    const orders = await payments.findOrdersOfProvider(deps.db, provider.name, [fact.providerOrderId])
    const orderId = orders.get(fact.providerOrderId)
    if (orderId !== undefined) {
      const { providerOrderId } = fact
      const verdict = compareRefund(undefined, refund)
      cases.push({
        ref,
        ours: undefined,
        orderId,
        paymentId: null,
        providerOrderId,
        theirs: refund,
        capture: fact,
        calls: [record],
        verdict,
      })
      return
    }
    found.postings.push({
      currency: fact.currency,
      movement: unknownCaptured(provider.name, fact.currency, providerPaymentId, fact.amount),
    })
    const captured = { id: providerPaymentId, amount: fact.amount, currency: fact.currency }
    unknownHere(work, found, refund, questions.unknownPayment(maker(work), captured, { payment: fact, refund }))
  } else {
    unknownHere(work, found, refund, undefined)
  }
  if (refund.status === 'processed') {
    found.postings.push({ currency, movement: unknownRefunded(provider.name, currency, ref, amount) })
  }
}

function unknownHere(
  work: Work,
  found: Omit<Found, 'next'>,
  refund: ListedRefund,
  question: Finding['question'],
): void {
  found.findings.push({
    ...findingOf(refund.providerRefundId, null, undefined, refund),
    outcome: 'unknown_here',
    detail: `A refund of ${refund.providerPaymentId}, which belongs to no order of ours.`,
    asked: [questions.unknownPaymentCause(work.provider.name, refund.providerPaymentId)],
    ...(question === undefined ? {} : { question }),
  })
}

function notOurs(work: Work, found: Omit<Found, 'next'>, refund: ListedRefund): void {
  found.findings.push({
    ...findingOf(refund.providerRefundId, null, undefined, refund),
    outcome: 'foreign',
    detail: `Gave back ${refund.providerPaymentId} at ${work.provider.name}, which was never captured for us.`,
  })
}

/** The list over all payments may lag; that of one payment does not. */
async function askAgain(work: Work, cases: readonly Case[]): Promise<void> {
  const doubtful = cases.filter((each) => each.verdict.kind === 'contradicts')
  await forEachOf(doubtful, AT_ONCE, async (each) => {
    const { orderId, paymentId, providerOrderId, ours } = each
    if (ours === undefined) return
    const { provider_payment_id: providerPaymentId } = ours
    const answer = await work.fetchRefunds({ orderId, paymentId, providerOrderId, providerPaymentId })
    const fact = answer?.facts.find((refund) => refund.providerRefundId === each.ref)
    if (answer === undefined || fact === undefined) {
      each.theirs = undefined
      return
    }
    each.theirs = fact
    each.calls = [answer.record]
    each.verdict = compareRefund(ours, fact)
  })
}

function remedyOf({ ref, ours, orderId, paymentId, providerOrderId, theirs, capture, calls, verdict }: Case): Remedy[] {
  if (theirs === undefined || verdict.kind === 'matched') return []
  const fact: RefundFact = { ...theirs, providerOrderId, source: 'reconciliation' }
  const finding = {
    ...findingOf(ref, orderId, ours, theirs),
    orderId,
    outcome: 'healed' as const,
    detail: verdict.detail,
  }
  return [{ finding, facts: capture === undefined ? [fact] : [capture, fact], calls, paymentId }]
}

function conclude(work: Work, { ref, ours, orderId, theirs, verdict }: Case, now: BookedRefund | undefined): Finding {
  const make = maker(work)
  const of = findingOf(ref, orderId, ours, theirs)
  if (theirs === undefined) {
    const finding = { ...of, outcome: 'unknown_there' as const, detail: 'The provider does not know it, asked twice.' }
    if (ours === undefined || ours.status === 'failed') return { ...finding, ourAmount: null }
    const { amount, currency } = ours
    return { ...finding, question: questions.unknownThere(make, 'refund', { ref, amount, currency, refund: ours }) }
  }
  const left = compareRefund(now, theirs)
  const detail = verdict.kind === 'matched' ? '' : verdict.detail
  if (left.kind === 'matched') return { ...of, outcome: 'healed', detail }
  const { amount, currency, providerPaymentId } = theirs
  const evidence = { refund: theirs, ours: now ?? null }
  const cause = (reason: string) => `${reason}:${work.provider.name}:${providerPaymentId}:${ref}`
  return {
    ...of,
    outcome: 'differs',
    detail: left.detail,
    asked: [cause('refund_differs'), cause('refund_exceeds_captured')],
    question: questions.differs(make, 'refund', { ref, amount, currency, evidence, refund: now }, left.detail),
  }
}

function findingOf(
  ref: string,
  orderId: string | null,
  ours: BookedRefund | undefined,
  theirs: ListedRefund | undefined,
): Omit<Finding, 'outcome' | 'detail'> {
  const either = theirs ?? ours
  assert(either !== undefined, `${ref} stands in neither book`)
  return {
    subject: 'refund',
    providerRef: ref,
    orderId,
    ourAmount: ours?.amount ?? null,
    theirAmount: theirs?.amount ?? null,
    currency: either.currency,
  }
}
