/** One slice of time, refunds: the provider's list against ours, both ways. Refunds made at its dashboard are taken over. */
import assert from 'node:assert/strict'
import { unknownCaptureCause, unknownCaptured, unknownRefunded } from '../ledger/provider-movement.ts'
import * as ledger from '../ledger/queries.ts'
import {
  findBookedRefunds,
  listBookedRefunds,
  findBookedAttempts,
  findOrdersOf,
  type BookedAttempt,
  type BookedRefund,
} from '../payments/books-queries.ts'
import { unknownPaymentCause } from '../payments/by-hand/attach.ts'
import type { FactOf } from '../payments/money/belonging.ts'
import type { AttemptFact, RefundFact } from '../payments/money/payment.ts'
import type { ListedRefund, Listing, RefundPage, UnreadRecord, Window } from '../payments/providers/provider.ts'
import { forEachOf } from '../platform/passes.ts'
import { compareRefund, type Verdict } from './compare.ts'
import { heal, inOrder, interrupted, MOST_HEALED, type Interrupted, type Remedy } from './heal.ts'
import * as questions from './questions.ts'
import { unreadable } from './unread.ts'
import { mostRows, settledPart } from './window.ts'
import { AT_ONCE, nothing, type Finding, type Found, type Recorded, type Work } from './work.ts'

/** A refund that needs more than a look. */
interface Case {
  ref: string
  ours: BookedRefund | undefined
  orderId: string
  paymentId: string | null
  of: FactOf
  theirs: ListedRefund | undefined
  /** The capture that it takes back, where we have missed that too. */
  capture?: AttemptFact
  calls: Recorded[]
  verdict: Verdict
}

/** Both books of one slice. */
interface Books {
  theirs: Map<string, ListedRefund>
  unread: Map<string, UnreadRecord>
  /** Ours that began in the slice. */
  booked: BookedRefund[]
  /** Those, and others of ours that the provider lists, by its ids. */
  known: ReadonlyMap<string, BookedRefund>
  oursOf(refund: ListedRefund): BookedRefund | undefined
  /** Attempts of ours that refunds which we have not heard of take back. */
  attempts: Map<string, BookedAttempt>
}

/** @returns undefined when the slice holds too much and must be smaller */
export async function compareRefunds(
  work: Work,
  list: Listing<RefundPage>,
  window: Window,
): Promise<Found | undefined> {
  const { deps, run } = work
  const books = await readBooks(work, list, window)
  if (books === undefined) return undefined
  const found = nothing(Math.max(books.theirs.size, books.booked.length))
  const begun = await interrupted(work, 'refund')
  const { cases, orphans } = sortOut(work, books, found, begun)
  if (cases.length + orphans.length > MOST_HEALED && run.slice_s > 1) return undefined

  await forEachOf(orphans, AT_ONCE, (refund) => adopt(work, found, cases, refund))
  await askAgain(work, cases)
  await heal(
    work,
    cases.flatMap((each) => remedyOf(each)),
  )
  const refs = cases.map((each) => each.ref)
  const rows = await findBookedRefunds(deps.db, run.provider, refs, [])
  const after = new Map(rows.map((row) => [row.provider_refund_id, row]))
  for (const each of cases) {
    if (each.verdict.kind === 'matched') inOrder(found, begun, 'refund', each.ref, each.theirs)
    else found.findings.push(conclude(work, each, after.get(each.ref)))
  }
  return found
}

async function readBooks(work: Work, list: Listing<RefundPage>, window: Window): Promise<Books | undefined> {
  const { deps, run } = work
  const most = mostRows(run.slice_s)
  const [listed, booked] = await Promise.all([
    listRefunds(work, list, window, most),
    listBookedRefunds(deps.db, run.provider, settledPart(window, deps.ports.clock.now()), most + 1),
  ])
  if (listed === undefined || booked.length > most) return undefined
  const { theirs, unread } = listed
  const inSlice = new Set(booked.map((row) => row.provider_refund_id))
  const strangers = [...theirs.values()].filter((refund) => !inSlice.has(refund.providerRefundId))
  const others = await findBookedRefunds(
    deps.db,
    run.provider,
    [...strangers.map((refund) => refund.providerRefundId), ...unread.keys()],
    // Asked for by us, and the answer was lost: the provider tells our id.
    strangers.flatMap((refund) => refund.ourRefundId ?? []),
  )
  const known = new Map([...booked, ...others].map((row) => [row.provider_refund_id ?? row.id, row]))
  const oursOf = (refund: ListedRefund) => known.get(refund.providerRefundId) ?? known.get(refund.ourRefundId ?? '')
  const unheard = strangers.filter((refund) => oursOf(refund) === undefined).map((refund) => refund.providerPaymentId)
  const attempts = await findBookedAttempts(deps.db, run.provider, unheard)
  return {
    theirs,
    unread,
    known,
    booked,
    oursOf,
    attempts: new Map(attempts.map((row) => [row.provider_payment_id, row])),
  }
}

/**
 * Counts what is in order, and gives what needs more than a look: refunds of payments that we have, and those of payments
 * that we do not have as captured.
 */
function sortOut(
  work: Work,
  books: Books,
  found: Found,
  begun: Interrupted,
): { cases: Case[]; orphans: ListedRefund[] } {
  const cases: Case[] = []
  const orphans: ListedRefund[] = []
  for (const refund of books.theirs.values()) {
    const ref = refund.providerRefundId
    const ours = books.oursOf(refund)
    const attempt = books.attempts.get(refund.providerPaymentId)
    const place = ours ?? (attempt !== undefined && attempt.captured_amount > 0 ? attempt : undefined)
    if (place === undefined) {
      // An authorization that was given back took none of our money.
      if (attempt?.status === 'refunded') notOurs(work, found, refund)
      else orphans.push(refund)
      continue
    }
    const verdict = compareRefund(ours, refund)
    if (verdict.kind === 'matched') inOrder(found, begun, 'refund', ref, refund)
    else cases.push({ ref, ours, ...placeOf(place), theirs: refund, calls: [], verdict })
  }
  for (const record of books.unread.values()) {
    found.findings.push(unreadable(work, 'refund', record, { refund: books.known.get(record.ref) }))
  }
  for (const ours of books.booked) {
    const ref = ours.provider_refund_id
    if (ref === null || books.theirs.has(ref) || books.unread.has(ref)) continue
    const verdict = { kind: 'contradicts', detail: 'The provider does not list it.' } as const
    cases.push({ ref, ours, ...placeOf(ours), theirs: undefined, calls: [], verdict })
  }
  return { cases, orphans }
}

function placeOf(row: BookedRefund | BookedAttempt): Pick<Case, 'orderId' | 'paymentId' | 'of'> {
  return { orderId: row.order_id, paymentId: row.payment_id, of: { providerOrderId: row.provider_order_id } }
}

async function listRefunds(
  work: Work,
  list: Listing<RefundPage>,
  window: Window,
  most: number,
): Promise<{ theirs: Map<string, ListedRefund>; unread: Map<string, UnreadRecord> } | undefined> {
  const refunds = new Map<string, ListedRefund>()
  const unread = new Map<string, UnreadRecord>()
  const asked = { from: window.from, to: new Date(window.to.getTime() - 1_000) }
  const whole = await work.readList(
    'listRefunds',
    list,
    asked,
    (page) => {
      for (const refund of page.refunds) refunds.set(refund.providerRefundId, refund)
      for (const record of page.unread) unread.set(record.ref, record)
      return refunds.size + unread.size
    },
    most,
  )
  return whole ? { theirs: refunds, unread } : undefined
}

/**
 * A refund of a payment that we do not have as captured. The provider is asked about the payment: it may be one of ours
 * that we missed, older than what is looked at; money in suspense; or nothing of ours.
 */
async function adopt(work: Work, found: Found, cases: Case[], refund: ListedRefund): Promise<void> {
  const { deps, provider } = work
  const { providerPaymentId, providerRefundId: ref, amount, currency } = refund
  const held = unknownCaptureCause(provider.name, providerPaymentId)
  const posted = (await ledger.findPosted(deps.db, [held])).has(held)
  if (!posted) {
    const answer = await work.fetchPayment(providerPaymentId)
    if (answer === 'unreadable') {
      const why = `its payment ${providerPaymentId} does not say what it must`
      found.findings.push(unreadable(work, 'refund', { ref, providerOrderId: null, why, record: refund }, {}))
      return
    }
    if (answer?.fact.status !== 'captured') return notOurs(work, found, refund)
    const { fact, record } = answer
    const orderId = (await findOrdersOf(deps.db, provider.name, [fact.of]))(fact.of)
    if (orderId !== undefined) {
      const verdict = compareRefund(undefined, refund)
      cases.push({
        ref,
        ours: undefined,
        orderId,
        paymentId: null,
        of: fact.of,
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
    unknownHere(work, found, refund, questions.unknownPayment(work.maker(), captured, { payment: fact, refund }))
  } else {
    unknownHere(work, found, refund, undefined)
  }
  if (refund.status === 'processed') {
    found.postings.push({ currency, movement: unknownRefunded(provider.name, currency, ref, amount) })
  }
}

function unknownHere(work: Work, found: Found, refund: ListedRefund, question: Finding['question']): void {
  found.findings.push({
    ...findingOf(refund.providerRefundId, null, undefined, refund),
    outcome: 'unknown_here',
    detail: `A refund of ${refund.providerPaymentId}, which belongs to no order of ours.`,
    asked: [unknownPaymentCause(work.provider.name, refund.providerPaymentId)],
    ...(question === undefined ? {} : { question }),
  })
}

function notOurs(work: Work, found: Found, refund: ListedRefund): void {
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
    const { orderId, paymentId, ours } = each
    if (ours === undefined) return
    const { provider_payment_id: providerPaymentId, provider_order_id: providerOrderId } = ours
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

function remedyOf({ ref, ours, orderId, paymentId, of, theirs, capture, calls, verdict }: Case): Remedy[] {
  if (theirs === undefined || verdict.kind === 'matched') return []
  const fact: RefundFact = { ...theirs, of, source: 'reconciliation' }
  const finding = {
    ...findingOf(ref, orderId, ours, theirs),
    orderId,
    outcome: 'healed' as const,
    detail: verdict.detail,
  }
  return [{ finding, facts: capture === undefined ? [fact] : [capture, fact], calls, paymentId }]
}

function conclude(work: Work, { ref, ours, orderId, theirs, verdict }: Case, now: BookedRefund | undefined): Finding {
  const make = work.maker()
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
