/** One slice of time, payments: the provider's list against our attempts, both ways. */
import assert from 'node:assert/strict'
import { unknownCaptured } from '../ledger/provider-movement.ts'
import {
  findBookedAttempts,
  listBookedAttempts,
  findOrdersOf,
  type BookedAttempt,
  type OrdersOf,
} from '../payments/books-queries.ts'
import { isOf, nameOf } from '../payments/money/belonging.ts'
import type { AttemptFact, UnreadFact } from '../payments/money/payment.ts'
import type { Listing, PaymentPage, UnboundPayment, UnreadRecord, Window } from '../payments/providers/provider.ts'
import { settle } from '../payments/settle.ts'
import { forEachOf } from '../platform/passes.ts'
import { comparePayment, type Verdict } from './compare.ts'
import { heal, inOrder, interrupted, MOST_HEALED, type Interrupted, type Remedy } from './heal.ts'
import * as questions from './questions.ts'
import { unreadable } from './unread.ts'
import { mostRows, settledPart } from './window.ts'
import { AT_ONCE, nothing, type Finding, type Found, type Recorded, type Work } from './work.ts'

interface Listed {
  facts: Map<string, AttemptFact>
  unbound: Map<string, UnboundPayment>
  /** Payments of orders, of which something is said that we do not know. */
  said: Map<string, UnreadFact>
  unread: Map<string, UnreadRecord>
}

/** A payment of ours that needs more than a look: the provider's word on it, as new as we have it. */
interface Case {
  ref: string
  ours: BookedAttempt | undefined
  orderId: string
  fact: AttemptFact | undefined
  calls: Recorded[]
  verdict: Verdict
}

/** Both books of one slice. */
interface Books extends Listed {
  /** Ours that began in the slice. */
  booked: BookedAttempt[]
  /** Ours by the provider's ids: those, and all that the provider lists. */
  known: Map<string, BookedAttempt>
  /** Our orders, of payments that we have not heard of. */
  orderOf: OrdersOf
}

/** @returns undefined when the slice holds too much and must be smaller */
export async function comparePayments(
  work: Work,
  list: Listing<PaymentPage>,
  window: Window,
): Promise<Found | undefined> {
  const { deps, run } = work
  const books = await readBooks(work, list, window)
  if (books === undefined) return undefined
  const found = nothing(Math.max(books.facts.size + books.unbound.size, books.booked.length))
  const begun = await interrupted(work, 'payment')
  const cases = sortOut(work, books, found, begun)
  if (cases.length > MOST_HEALED && run.slice_s > 1) return undefined

  await tellUnread(work, books)
  await askAgain(work, cases)
  await heal(
    work,
    cases.flatMap((each) => remedyOf(each)),
  )
  const refs = cases.map((each) => each.ref)
  const after = byRef(await findBookedAttempts(deps.db, run.provider, refs))
  for (const each of cases) {
    if (each.verdict.kind === 'matched') inOrder(found, begun, 'payment', each.ref, each.fact ?? each.ours)
    else found.findings.push(conclude(work, each, after.get(each.ref)))
  }
  return found
}

async function readBooks(work: Work, list: Listing<PaymentPage>, window: Window): Promise<Books | undefined> {
  const { deps, run } = work
  const most = mostRows(run.slice_s)
  const [listed, booked] = await Promise.all([
    listPayments(work, list, window, most),
    listBookedAttempts(deps.db, run.provider, settledPart(window, deps.ports.clock.now()), most + 1),
  ])
  if (listed === undefined || booked.length > most) return undefined
  const facts = [...listed.facts.values(), ...listed.said.values()]
  const inSlice = byRef(booked)
  const refs = [...facts.map((fact) => fact.providerPaymentId), ...listed.unread.keys()]
  const strangers = refs.filter((ref) => !inSlice.has(ref))
  // Attempts of ours whose time the provider has not told us, or told differently.
  const known = byRef([...booked, ...(await findBookedAttempts(deps.db, run.provider, strangers))])
  const unheard = facts.filter((fact) => !known.has(fact.providerPaymentId)).map((fact) => fact.of)
  const orderOf = await findOrdersOf(deps.db, run.provider, unheard)
  return { ...listed, booked, known, orderOf }
}

/** Words that we do not know, said of payments of ours: through the same door as all news, which asks a person once. */
async function tellUnread({ deps }: Work, books: Books): Promise<void> {
  await forEachOf([...books.said.values()], AT_ONCE, async (fact) => {
    const orderId = books.known.get(fact.providerPaymentId)?.order_id ?? books.orderOf(fact.of)
    if (orderId !== undefined) await settle(deps, deps.policy, [fact], {}, orderId)
  })
}

/** Counts what is in order, notes what is not ours, and gives what needs more than a look. */
function sortOut(work: Work, books: Books, found: Found, begun: Interrupted): Case[] {
  const cases: Case[] = []
  for (const fact of books.facts.values()) {
    const ref = fact.providerPaymentId
    const ours = books.known.get(ref)
    const orderId = ours?.order_id ?? books.orderOf(fact.of)
    if (orderId === undefined) {
      notOurs(work, found, fact, nameOf(fact.of))
      continue
    }
    const verdict = comparePayment(ours, fact)
    if (verdict.kind !== 'matched') cases.push({ ref, ours, orderId, fact, calls: [], verdict })
    else inOrder(found, begun, 'payment', ref, fact)
  }
  for (const payment of books.unbound.values()) notOurs(work, found, payment, null)
  for (const record of books.unread.values()) {
    const ours = books.known.get(record.ref)
    found.findings.push(unreadable(work, 'payment', record, { attempt: ours }))
  }
  for (const ours of books.booked) {
    const ref = ours.provider_payment_id
    if (books.facts.has(ref) || books.said.has(ref) || books.unread.has(ref)) continue
    const verdict = { kind: 'contradicts', detail: 'The provider does not list it.' } as const
    cases.push({ ref, ours, orderId: ours.order_id, fact: undefined, calls: [], verdict })
  }
  return cases
}

async function listPayments(
  work: Work,
  list: Listing<PaymentPage>,
  window: Window,
  most: number,
): Promise<Listed | undefined> {
  const facts = new Map<string, AttemptFact>()
  const unbound = new Map<string, UnboundPayment>()
  const said = new Map<string, UnreadFact>()
  const unread = new Map<string, UnreadRecord>()
  // Providers take both ends as included; ours leaves out the last second.
  const asked = { from: window.from, to: new Date(window.to.getTime() - 1_000) }
  const whole = await work.readList(
    'listPayments',
    list,
    asked,
    (page) => {
      for (const fact of page.facts) facts.set(fact.providerPaymentId, fact)
      for (const payment of page.unbound) unbound.set(payment.providerPaymentId, payment)
      for (const fact of page.said) said.set(fact.providerPaymentId, fact)
      for (const record of page.unread) unread.set(record.ref, record)
      return facts.size + unbound.size + said.size + unread.size
    },
    most,
  )
  return whole ? { facts, unbound, said, unread } : undefined
}

/** Money at the provider for no order of ours is held in suspense; what moved no money is only counted. */
function notOurs(work: Work, found: Found, payment: UnboundPayment, providerOrderId: string | null): void {
  const { provider } = work
  const { providerPaymentId: ref, amount, currency, status } = payment
  const finding = {
    subject: 'payment',
    providerRef: ref,
    orderId: null,
    ourAmount: null,
    theirAmount: amount,
    currency,
  } as const
  if (status !== 'captured' || amount === 0) {
    found.findings.push({
      ...finding,
      outcome: 'foreign',
      detail: `${status} at ${provider.name}, for no order of ours.`,
    })
    return
  }
  found.postings.push({ currency, movement: unknownCaptured(provider.name, currency, ref, amount) })
  found.findings.push({
    ...finding,
    outcome: 'unknown_here',
    detail: `Captured at ${provider.name} for ${providerOrderId ?? 'no order'}, which is not ours.`,
    question: questions.unknownPayment(work.maker(), { id: ref, amount, currency }, { payment, providerOrderId }),
  })
}

/** A list may lag behind what the provider knows of one payment: what it contradicts us in is asked for by id. */
async function askAgain(work: Work, cases: readonly Case[]): Promise<void> {
  const doubtful = cases.filter((each) => each.verdict.kind === 'contradicts')
  await forEachOf(doubtful, AT_ONCE, async (each) => {
    const answer = await work.fetchPayment(each.ref, each.ours)
    // By its id it tells nothing that could be read: what the list says of it stands.
    if (answer === 'unreadable') return
    if (answer === undefined) {
      each.fact = undefined
      return
    }
    each.fact = answer.fact
    each.calls = [answer.record]
    each.verdict = comparePayment(each.ours, answer.fact)
    if (each.ours !== undefined && !isOf(answer.fact.of, each.ours)) {
      const detail = `The provider says that it belongs to ${nameOf(answer.fact.of)}; ours is ${each.ours.provider_order_id}.`
      each.verdict = { kind: 'contradicts', detail }
    }
  })
}

function remedyOf({ ref, ours, orderId, fact, calls, verdict }: Case): Remedy[] {
  if (fact === undefined || verdict.kind === 'matched') return []
  if (ours !== undefined && !isOf(fact.of, ours)) return []
  const finding = { ...findingOf(ref, orderId, ours, fact), outcome: 'healed' as const, detail: verdict.detail }
  const refunded = fact.refundedAmount
  const toldOfRefunds =
    fact.status === 'captured' &&
    refunded !== null &&
    (refunded > (ours?.refunding_amount ?? 0) || refunded < (ours?.refunded_amount ?? 0))
  const remedy: Remedy = { finding, facts: [fact], calls, paymentId: ours?.payment_id ?? null }
  return [toldOfRefunds ? { ...remedy, refundsOf: fact } : remedy]
}

/** What is left after healing. */
function conclude(work: Work, { ref, ours, orderId, fact, verdict }: Case, now: BookedAttempt | undefined): Finding {
  const make = work.maker()
  const of = findingOf(ref, orderId, ours, fact)
  const detail = verdict.kind === 'matched' ? '' : verdict.detail
  if (fact === undefined) {
    // Read twice, by the list and by its id, and older than any list lags: it is not there.
    const held = ours?.captured_amount ?? 0
    const finding = { ...of, outcome: 'unknown_there' as const, detail: 'The provider does not know it, asked twice.' }
    if (ours === undefined || held === 0) return { ...finding, ourAmount: null }
    const question = questions.unknownThere(make, 'payment', {
      ref,
      amount: held,
      currency: ours.currency,
      attempt: ours,
    })
    return { ...finding, question }
  }
  const left = comparePayment(now, fact)
  const sameOrder = now === undefined || isOf(fact.of, now)
  if (left.kind === 'matched' && sameOrder) return { ...of, outcome: 'healed', detail }
  const still = left.kind === 'matched' ? detail : left.detail
  const evidence = { fact, ours: now ?? null }
  const { amount, currency } = fact
  return {
    ...of,
    outcome: 'differs',
    detail: still,
    // Settling it may have asked the same already.
    asked: [`capture_contradicts:${work.provider.name}:${ref}:`],
    question: questions.differs(make, 'payment', { ref, amount, currency, evidence, attempt: now }, still),
  }
}

function findingOf(
  ref: string,
  orderId: string,
  ours: BookedAttempt | undefined,
  fact: AttemptFact | undefined,
): Omit<Finding, 'outcome' | 'detail'> & { orderId: string } {
  const captured = ours?.captured_amount ?? 0
  const currency = fact?.currency ?? ours?.currency
  assert(currency !== undefined, `${ref} stands in neither book`)
  return {
    subject: 'payment',
    providerRef: ref,
    orderId,
    ourAmount: ours === undefined ? null : captured > 0 ? captured : ours.amount,
    theirAmount: fact?.amount ?? null,
    currency,
  }
}

function byRef(rows: readonly BookedAttempt[]): Map<string, BookedAttempt> {
  return new Map(rows.map((row) => [row.provider_payment_id, row]))
}
