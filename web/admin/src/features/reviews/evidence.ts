/**
 * The evidence of a question, as rows that a person can read: what the provider says beside what we say where both are
 * known, and whatever else was noted as a list of facts. Raw replies are folded away elsewhere. Pure.
 */
import type { ReviewItemDetail } from '../../../../../shared/contract/reviews.ts'
import { formatExact, methodWords, sentence } from '../../../../ui/format.ts'
import type { StatusKind } from '../../../../ui/status-words.ts'

export type Cell =
  | { kind: 'money'; amount: number; currency: string }
  | { kind: 'status'; of: StatusKind; state: string }
  | { kind: 'id'; id: string }
  | { kind: 'order'; number: string; orderId: string }
  | { kind: 'text'; text: string }
  | { kind: 'absent'; text: string }

export type Comparison = { field: string; theirs: Cell; ours: Cell; differs: boolean }[]
export type Fact = { field: string; value: Cell }

/** What the provider says against what we expected or have in our books; null where the evidence does not hold both. */
export function comparisonOf({ item, evidence, orderStatus }: ReviewItemDetail): Comparison | null {
  const fact = record(evidence.fact) ?? record(evidence.refund)
  // Our row as it stands in the books, under its column names.
  const booked = record(evidence.ours)
  const expected = record(evidence.expected) ?? booked
  if (!fact || !expected) return null
  const isRefund = fact.kind === 'refund'
  const rows: Comparison = []
  const amounts = [moneyIn(fact, 'amount'), moneyIn(expected, 'amount')] as const
  if (!amounts[0] || !amounts[1]) return null
  const [theirs, ours] = [amounts[0], amounts[1]]
  rows.push({
    field: 'Amount',
    theirs,
    ours,
    differs: theirs.amount !== ours.amount || theirs.currency !== ours.currency,
  })
  rows.push({
    field: 'Currency',
    theirs: { kind: 'text', text: theirs.currency },
    ours: { kind: 'text', text: ours.currency },
    differs: theirs.currency !== ours.currency,
  })
  const goneBack = [moneyIn(fact, 'refundedAmount'), booked ? moneyIn(booked, 'refunded_amount') : null] as const
  if (goneBack[0] && goneBack[1]) {
    const differs = goneBack[0].amount !== goneBack[1].amount
    rows.push({ field: 'Gone back', theirs: goneBack[0], ours: goneBack[1], differs })
  }
  const status = text(fact.status)
  if (status) {
    const of = isRefund ? 'refund' : 'attempt'
    const known = text(booked?.status)
    rows.push({
      field: 'State',
      theirs: { kind: 'status', of, state: status },
      ours: known
        ? { kind: 'status', of, state: known }
        : orderStatus
          ? { kind: 'status', of: 'order', state: orderStatus }
          : absent('no order'),
      differs: known !== null && known !== status,
    })
  }
  const providerRef = text(isRefund ? fact.providerRefundId : fact.providerPaymentId) ?? item.providerRef
  if (providerRef) {
    rows.push({
      field: isRefund ? 'Refund' : 'Payment',
      theirs: { kind: 'id', id: providerRef },
      ours:
        item.orderNumber && item.orderId
          ? { kind: 'order', number: item.orderNumber, orderId: item.orderId }
          : absent('no order'),
      differs: false,
    })
  }
  const how = methodWords(text(fact.method), text(fact.methodDetail))
  if (how) {
    rows.push({ field: 'How', theirs: { kind: 'text', text: how }, ours: absent('not chosen by us'), differs: false })
  }
  return rows
}

function moneyIn(of: Record<string, unknown>, name: string): Extract<Cell, { kind: 'money' }> | null {
  const amount = number(of[name])
  const currency = text(of.currency)
  return amount === null || currency === null ? null : { kind: 'money', amount, currency }
}

/** Shown elsewhere on the page, or of no use to a person. */
const HIDDEN = new Set([
  'fact',
  'expected',
  'kind',
  'source',
  'raw',
  'reply',
  'refundAtOnce',
  'requestedBy',
  'action',
  'reviewItemId',
  'provider',
  'currency',
  'methodDetail',
  'errorCode',
])

/** What a comparison shows row by row. */
const COMPARED = new Set(['refund', 'ours'])

/** What the fields of a fact are called; others go by their own names. */
const FIELD_WORDS: Readonly<Record<string, string>> = {
  amount: 'Amount',
  status: 'State',
  method: 'How',
  errorDescription: 'What the bank said',
  askedBy: 'Asked for by',
  reason: 'Reason',
  reference: 'The bank’s reference',
  capturedAmount: 'Captured',
  refundedAmount: 'Gone back',
  providerCreatedAt: 'Begun there',
  providerPaymentId: 'Payment there',
  providerOrderId: 'Order there',
  providerRefundId: 'Refund there',
  fee: 'Fee, with tax',
  tax: 'Tax in the fee',
}

/** Names under which the thing itself is noted. */
const ABOUT = new Set(['payment', 'refund', 'line'])

/** Whatever was noted that the comparison does not show, one level deep; what is deeper stays in the raw evidence. */
export function factsOf(detail: ReviewItemDetail): Fact[] {
  const { evidence, item } = detail
  const isCompared = comparisonOf(detail) !== null
  const noted = isCompared ? evidence : { ...evidence, ...record(evidence.fact) }
  const records = Object.entries(noted).filter(
    ([name]) => !HIDDEN.has(name) && !(isCompared && COMPARED.has(name)) && record(noted[name]),
  )
  // Of what the question is about, the fields need no prefix.
  const prefix = (name: string) => (ABOUT.has(name) || records.length === 1 ? '' : `${plainWords(name)} `)
  const facts = [
    ...records.flatMap(([name, value]) => fieldsOf(record(value) ?? {}, prefix(name), item.currency)),
    ...fieldsOf(noted, '', item.currency),
  ]
  // The same thing is often noted both with a fact and beside it.
  const isFirst = (fact: Fact, at: number) => facts.findIndex((each) => each.field === fact.field) === at
  return facts.filter(isFirst).toSorted((a, b) => rank(a.field) - rank(b.field))
}

/** Known fields in the order of their words, then the others as they come: stored evidence has no order of its own. */
function rank(field: string): number {
  const at = Object.values(FIELD_WORDS).indexOf(field)
  return at === -1 ? Object.keys(FIELD_WORDS).length : at
}

function fieldsOf(of: Record<string, unknown>, prefix: string, itemCurrency: string | null): Fact[] {
  const currency = text(of.currency) ?? itemCurrency
  return Object.entries(of).flatMap(([name, value]) => {
    if (HIDDEN.has(name)) return []
    const field = (prefix === '' ? FIELD_WORDS[name] : undefined) ?? sentence(`${prefix}${plainWords(name)}`)
    if (name === 'method') {
      const how = methodWords(text(value), text(of.methodDetail))
      return how ? [{ field, value: { kind: 'text', text: how } }] : []
    }
    if (name === 'status' && typeof value === 'string') {
      const kind = text(of.providerRefundId) ? 'refund' : 'attempt'
      return [{ field, value: { kind: 'status', of: kind, state: value } }]
    }
    return factOf(name, field, value, currency)
  })
}

function plainWords(name: string): string {
  return name
    .replaceAll(/([a-z])([A-Z])/g, '$1 $2')
    .replaceAll('_', ' ')
    .toLowerCase()
}

function factOf(name: string, field: string, value: unknown, currency: string | null): Fact[] {
  if (typeof value === 'number' && currency && /amount|fee|tax|total|debit|credit/i.test(name)) {
    return [{ field, value: { kind: 'money', amount: value, currency } }]
  }
  if (typeof value === 'number') return [{ field, value: { kind: 'text', text: String(value) } }]
  if (typeof value === 'boolean') return [{ field, value: { kind: 'text', text: value ? 'yes' : 'no' } }]
  if (typeof value !== 'string' || value === '') return []
  if (/^\d{4}-\d{2}-\d{2}T[\d:.]+Z$/.test(value)) return [{ field, value: { kind: 'text', text: formatExact(value) } }]
  const isId = /^[a-z]{2,8}_[A-Za-z0-9]{6,}$/.test(value) || /^[0-9a-f]{8}-[0-9a-f-]{27}$/.test(value)
  return [{ field, value: isId ? { kind: 'id', id: value } : { kind: 'text', text: value } }]
}

function absent(words: string): Cell {
  return { kind: 'absent', text: words }
}

function record(value: unknown): Record<string, unknown> | undefined {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
    ? (value as Record<string, unknown>)
    : undefined
}

function text(value: unknown): string | null {
  return typeof value === 'string' && value !== '' ? value : null
}

function number(value: unknown): number | null {
  return typeof value === 'number' && Number.isSafeInteger(value) ? value : null
}
