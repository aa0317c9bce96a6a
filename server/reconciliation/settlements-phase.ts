/**
 * What the provider paid out to our bank account: one page of a day's report, each line kept once and booked with it; and
 * after the last page, whether the transfers are what their lines come to.
 *
 * What was captured stood in the provider's clearing account; a settled line takes it out again, to the bank and to the
 * fees. Money that is of nothing of ours is taken from suspense, and a person is asked.
 */
import {
  settled,
  unknownCaptureCause,
  unknownCaptured,
  unknownRefundCause,
  unknownRefunded,
  type SettledFrom,
} from '../ledger/provider-movement.ts'
import * as ledger from '../ledger/queries.ts'
import {
  findBookedAttempts,
  findBookedRefunds,
  findOrdersOf,
  type BookedAttempt,
  type BookedRefund,
} from '../payments/books-queries.ts'
import { unknownPaymentCause } from '../payments/by-hand/attach.ts'
import { providerOrderOf } from '../payments/money/belonging.ts'
import type { PaymentFact } from '../payments/money/payment.ts'
import type { SettlementBooks, SettlementLine } from '../payments/providers/provider.ts'
import { forEachOf } from '../platform/passes.ts'
import { money } from './compare.ts'
import { heal, healedBefore, interrupted, type Remedy } from './heal.ts'
import * as questions from './questions.ts'
import { contradiction, isSame, keptOf } from './settlement-check.ts'
import * as stored from './settlement-queries.ts'
import { unreadable } from './unread.ts'
import { dayOf, reportedOn } from './window.ts'
import { AT_ONCE, nothing, Refused, type Finding, type Found, type Recorded, type Work } from './work.ts'

/** Lines of one step: each is up to four transfers. */
const PAGE = 500
/** More transfers to one bank account on one day than any account has. */
const MOST_SETTLEMENTS = 1_000

interface Booked {
  attempts: Map<string, BookedAttempt>
  refunds: Map<string, BookedRefund>
}

interface Ours extends Booked {
  /** Causes of movements through suspense that have been posted, or will be with this page. */
  posted: Set<string>
  /** What had to be settled here before these lines could be booked, by their entity. */
  healed: Map<string, Finding>
}

/** Takes the next page of a day's report. @returns what was found, and the cursor of the next page */
export async function bookSettlementPage(
  work: Work,
  books: SettlementBooks,
): Promise<{ found: Found; nextCursor: string | null }> {
  const { deps, run, provider } = work
  const day = dayOf(run.cursor_at)
  const page = { cursor: run.page_cursor, count: PAGE }
  const answer = await work.ask('listSettlementLines', { day, ...page }, () => books.list(day, page))
  if (answer === undefined) throw new Refused(`listSettlementLines: ${provider.name} refused`)
  const lines = new Map(answer.value.lines.map((line) => [line.entityId, line]))
  const known = await stored.findSettlementLines(deps.db, provider.name, [...lines.keys()])
  const fresh = [...lines.values()].filter((line) => !known.has(line.entityId))
  const ours = await oursFor(work, fresh)
  const found = nothing(lines.size)
  // Payments first, so that a refund of one that nobody knows finds it in suspense.
  const paymentsFirst = [...lines.values()].sort((a, b) => Number(b.type === 'payment') - Number(a.type === 'payment'))
  for (const line of paymentsFirst) {
    const before = known.get(line.entityId)
    if (before === undefined) book(work, found, line, ours)
    else if (isSame(line, before)) found.matched.add('settlement', 'matched', line.currency, line.amount)
    else found.findings.push(changed(work, line, before))
  }
  for (const record of answer.value.unread) found.findings.push(unreadable(work, 'settlement', record, {}))
  return { found, nextCursor: answer.value.nextCursor }
}

/** Asks what was transferred in all, for the transfers of a day that have not been held against their lines. */
export async function checkSettlements(work: Work, books: SettlementBooks): Promise<Found> {
  const { deps, run, provider } = work
  const settledOn = reportedOn(run.cursor_at)
  const unchecked = await stored.listUncheckedSettlements(deps.db, provider.name, settledOn, MOST_SETTLEMENTS)
  const found = nothing(unchecked.length)
  await forEachOf(unchecked, AT_ONCE, async ({ settlement_id: settlementId, currency, lines_amount: linesAmount }) => {
    const answer = await work.ask('fetchSettlement', { settlementId }, () => books.fetchSettlement(settlementId))
    const amount = answer?.value.amount
    if (amount !== undefined) found.checked.push({ settlementId, amount, linesAmount })
    if (amount === linesAmount) return
    // What was asked before still stands, and is not asked again.
    const detail =
      amount === undefined
        ? `${provider.name} does not know the settlement ${settlementId}, whose lines come to ${money(linesAmount, currency)}.`
        : `${provider.name} transferred ${money(amount, currency)}; the lines of ${settlementId} come to ${money(linesAmount, currency)}.`
    const of = { ref: settlementId, amount: amount ?? 0, currency, evidence: { amount: amount ?? null, linesAmount } }
    found.findings.push({
      subject: 'settlement',
      outcome: 'differs',
      providerRef: settlementId,
      orderId: null,
      ourAmount: linesAmount,
      theirAmount: amount ?? null,
      currency,
      detail,
      question: questions.settlementDiffers(work.maker(), of, detail),
    })
  })
  return found
}

/** What of ours these lines are of. A settled payment or refund that we have not heard of is asked about first. */
async function oursFor(work: Work, lines: readonly SettlementLine[]): Promise<Ours> {
  const { deps, provider } = work
  const first = await readOurs(work, lines)
  const remedies: Remedy[] = []
  await forEachOf(lines, AT_ONCE, async (line) => {
    const remedy = await remedyOf(work, line, first)
    if (remedy !== undefined) remedies.push(remedy)
  })
  await heal(work, remedies)
  const { attempts, refunds } = remedies.length === 0 ? first : await readOurs(work, lines)
  const begun = [...(await interrupted(work, 'settlement')).values()].map(healedBefore)
  const healed = [...begun, ...remedies.map((remedy) => remedy.finding)]
  const posted = await ledger.findPosted(
    deps.db,
    lines.flatMap((line) => [
      unknownCaptureCause(provider.name, line.providerPaymentId ?? line.entityId),
      unknownRefundCause(provider.name, line.entityId),
    ]),
  )
  return { attempts, refunds, posted, healed: new Map(healed.map((finding) => [finding.providerRef, finding])) }
}

async function readOurs(work: Work, lines: readonly SettlementLine[]): Promise<Booked> {
  const { deps, provider } = work
  const paymentIds = lines.map((line) => line.providerPaymentId ?? line.entityId)
  const refundIds = lines.flatMap((line) => (line.type === 'refund' ? line.entityId : []))
  const [attempts, refunds] = await Promise.all([
    findBookedAttempts(deps.db, provider.name, paymentIds),
    findBookedRefunds(deps.db, provider.name, refundIds, []),
  ])
  return {
    attempts: new Map(attempts.map((row) => [row.provider_payment_id, row])),
    refunds: new Map(refunds.map((row) => [row.provider_refund_id ?? row.id, row])),
  }
}

/** What the provider has to say about a line that proves more than we know; undefined when we know it all. */
async function remedyOf(work: Work, line: SettlementLine, ours: Booked): Promise<Remedy | undefined> {
  const { deps, provider } = work
  const { entityId, currency, amount, type, debit, credit } = line
  const paymentId = line.type === 'payment' ? entityId : line.providerPaymentId
  if (paymentId === null || (type !== 'payment' && type !== 'refund')) return undefined
  const attempt = ours.attempts.get(paymentId)
  const missedCapture = attempt === undefined || attempt.captured_amount === 0
  if (!missedCapture && (type === 'payment' || ours.refunds.get(entityId)?.status === 'processed')) return undefined

  const facts: PaymentFact[] = []
  const calls: Recorded[] = []
  let orderId = attempt?.order_id
  let providerOrderId = attempt?.provider_order_id ?? null
  if (missedCapture) {
    const answer = await work.fetchPayment(paymentId, attempt)
    if (answer === undefined || answer === 'unreadable') return undefined
    const { of } = answer.fact
    providerOrderId = providerOrderOf(of)
    orderId = (await findOrdersOf(deps.db, provider.name, [of]))(of)
    facts.push(answer.fact)
    calls.push(answer.record)
  }
  if (orderId === undefined) return undefined
  if (type === 'refund') {
    const of = { orderId, paymentId: attempt?.payment_id ?? null, providerOrderId, providerPaymentId: paymentId }
    const answer = await work.fetchRefunds(of)
    if (answer !== undefined) {
      facts.push(...answer.facts)
      calls.push(answer.record)
    }
  }
  const [first, ...rest] = facts
  if (first === undefined) return undefined
  const detail = `Settled with ${type === 'payment' ? money(credit, currency) : money(debit, currency)}; we had not heard of it.`
  const finding = {
    ...findingOf(line, orderId),
    orderId,
    ourAmount: null,
    theirAmount: amount,
    outcome: 'healed' as const,
    detail,
  }
  return { finding, facts: [first, ...rest], calls, paymentId: attempt?.payment_id ?? null }
}

/** Books one line: what its money was until now, and whether anybody must be asked. */
function book(work: Work, found: Found, line: SettlementLine, ours: Ours): void {
  const name = work.provider.name
  const { entityId, currency } = line
  const attempt = ours.attempts.get(line.providerPaymentId ?? entityId)
  const refund = ours.refunds.get(entityId)
  const paid = attempt !== undefined && attempt.captured_amount > 0 ? attempt : undefined
  const of = { orderId: null as string | null, attemptId: null as string | null, refundId: null as string | null }
  const from = sourceOf(work, found, line, ours, paid)
  if (from.explained) {
    of.orderId = refund?.order_id ?? paid?.order_id ?? null
    of.attemptId = refund?.attempt_id ?? paid?.id ?? null
    of.refundId = refund?.id ?? null
  }
  const { credit, debit } = line
  const kept = keptOf(line)
  for (const movement of settled({ provider: name, currency, entityId, credit, debit, ...kept }, from.account)) {
    found.postings.push({ currency, movement })
  }
  found.lines.push({ ...line, ...of })
  const wrong = contradiction(line, paid, refund)
  const healed = ours.healed.get(entityId)
  if (from.finding !== undefined) found.findings.push(from.finding)
  else if (wrong === undefined && healed !== undefined) found.findings.push(healed)
  else if (wrong === undefined) found.matched.add('settlement', 'booked', currency, line.amount)
  else {
    const subject = { ref: entityId, amount: line.amount, currency, evidence: { line }, attempt: paid, refund }
    const ourAmount = line.type === 'payment' ? (paid?.captured_amount ?? null) : (refund?.amount ?? null)
    const question = questions.settlementDiffers(work.maker(), subject, wrong)
    found.findings.push({ ...findingOf(line, of.orderId), ourAmount, outcome: 'differs', detail: wrong, question })
  }
}

/** Where a line's money was until it was settled; with a finding when that is not explained by anything of ours. */
function sourceOf(
  work: Work,
  found: Found,
  line: SettlementLine,
  ours: Ours,
  paid: BookedAttempt | undefined,
): { account: SettledFrom; explained: boolean; finding?: Finding } {
  const name = work.provider.name
  const { entityId, currency, amount } = line
  const paymentId = line.providerPaymentId ?? entityId
  const unknown = { ...findingOf(line, null), outcome: 'unknown_here' as const }
  if (line.type === 'payment') {
    if (paid !== undefined) return { account: 'provider_clearing', explained: true }
    // A capture for nothing of ours: from here on it is known, and held in suspense.
    if (amount > 0) {
      found.postings.push({ currency, movement: unknownCaptured(name, currency, paymentId, amount) })
      ours.posted.add(unknownCaptureCause(name, paymentId))
    }
    const detail = `Settled by ${name} for ${line.providerOrderId ?? 'no order'}, which is not ours.`
    const question = questions.unknownPayment(work.maker(), { id: paymentId, amount, currency }, { line })
    return { account: 'provider_clearing', explained: false, finding: { ...unknown, detail, question } }
  }
  if (line.type === 'refund' && ours.refunds.has(entityId)) return { account: 'provider_clearing', explained: true }
  if (line.type === 'refund' && ours.posted.has(unknownCaptureCause(name, paymentId))) {
    found.postings.push({ currency, movement: unknownRefunded(name, currency, entityId, amount) })
    const detail = `A refund of ${paymentId}, which belongs to no order of ours.`
    const asked = [unknownPaymentCause(name, paymentId)]
    return { account: 'provider_clearing', explained: false, finding: { ...unknown, detail, asked } }
  }
  if (line.type === 'adjustment' && line.disputeId !== null && paid !== undefined) {
    return { account: 'chargebacks', explained: true }
  }
  const net = line.credit > 0 ? money(line.credit, currency) : `-${money(line.debit, currency)}`
  const detail = `${name} settled ${net} for the ${line.type} ${entityId}, which is of nothing of ours.`
  const subject = { ref: entityId, amount, currency, evidence: { line }, attempt: paid }
  const question = questions.settlementUnexplained(work.maker(), subject, detail)
  return { account: 'suspense', explained: false, finding: { ...unknown, detail, question } }
}

/** A line that says something else than when it was first read. What was booked stands. */
function changed(work: Work, line: SettlementLine, before: stored.StoredLine): Finding {
  const detail = `The settled line ${line.entityId} has changed: ${money(before.amount, before.currency)} before, ${money(line.amount, line.currency)} now.`
  const of = { ref: line.entityId, amount: line.amount, currency: line.currency, evidence: { line, before } }
  const question = questions.settlementDiffers(work.maker(), of, detail)
  return { ...findingOf(line, null), ourAmount: before.amount, outcome: 'differs', detail, question }
}

function findingOf(line: SettlementLine, orderId: string | null): Omit<Finding, 'outcome' | 'detail'> {
  return {
    subject: 'settlement',
    providerRef: line.entityId,
    orderId,
    ourAmount: null,
    theirAmount: line.amount,
    currency: line.currency,
  }
}
