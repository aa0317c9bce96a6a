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

/** What the provider says against what we expected; null where the evidence does not hold both. */
export function comparisonOf({ item, evidence, orderStatus }: ReviewItemDetail): Comparison | null {
  const fact = record(evidence.fact)
  const expected = record(evidence.expected)
  const amount = number(fact?.amount)
  const currency = text(fact?.currency)
  const expectedAmount = number(expected?.amount)
  const expectedCurrency = text(expected?.currency)
  if (!fact || amount === null || !currency || expectedAmount === null || !expectedCurrency) return null
  const isRefund = fact.kind === 'refund'
  const status = text(fact.status)
  const how = methodWords(text(fact.method), text(fact.methodDetail))
  const rows: Comparison = [
    {
      field: 'Amount',
      theirs: { kind: 'money', amount, currency },
      ours: { kind: 'money', amount: expectedAmount, currency: expectedCurrency },
      differs: amount !== expectedAmount || currency !== expectedCurrency,
    },
    {
      field: 'Currency',
      theirs: { kind: 'text', text: currency },
      ours: { kind: 'text', text: expectedCurrency },
      differs: currency !== expectedCurrency,
    },
  ]
  if (status) {
    rows.push({
      field: 'State',
      theirs: { kind: 'status', of: isRefund ? 'refund' : 'attempt', state: status },
      ours: orderStatus ? { kind: 'status', of: 'order', state: orderStatus } : absent('no order'),
      differs: false,
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
  if (how)
    rows.push({ field: 'How', theirs: { kind: 'text', text: how }, ours: absent('not chosen by us'), differs: false })
  return rows
}

/** Shown in the comparison, or of no use to a person. */
const HIDDEN = new Set(['fact', 'expected', 'kind', 'source', 'raw', 'reply', 'refundAtOnce', 'requestedBy'])

/** Whatever was noted that the comparison does not show, one level deep; what is deeper stays in the raw evidence. */
export function factsOf(detail: ReviewItemDetail): Fact[] {
  const { evidence, item } = detail
  const noted = comparisonOf(detail) === null ? { ...evidence, ...record(evidence.fact) } : evidence
  const currency = text(noted.currency) ?? item.currency
  return Object.entries(noted).flatMap(([name, value]) => {
    if (HIDDEN.has(name) || name === 'currency') return []
    const inner = record(value)
    if (!inner) return factOf(name, value, currency)
    const innerCurrency = text(inner.currency) ?? currency
    return Object.entries(inner).flatMap(([key, each]) =>
      key === 'currency' || HIDDEN.has(key) ? [] : factOf(`${name} ${key}`, each, innerCurrency),
    )
  })
}

function factOf(name: string, value: unknown, currency: string | null): Fact[] {
  const field = sentence(
    name
      .replaceAll(/([a-z])([A-Z])/g, '$1 $2')
      .replaceAll('_', ' ')
      .toLowerCase(),
  )
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
