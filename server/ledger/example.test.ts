/** The example of docs/ledger.md is what the books would say: every line of it is posted by the functions that post. */
import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { test } from 'node:test'
import { balanceOn, NORMAL_SIDES, parseAccountCode, type Totals } from './account.ts'
import { settled } from './provider-movement.ts'
import { captured, refunded, refundOwed, saleReversed, sold, type Movement } from './movement.ts'

const text = readFileSync(new URL('../../docs/ledger.md', import.meta.url), 'utf8')

/** The cells of the table whose header begins with `first`, without its header. */
function table(first: string): string[][] {
  const lines = text.split('\n')
  const start = lines.findIndex((line) => line.startsWith(`| ${first} |`))
  assert.notEqual(start, -1, `there is no table of ${first}`)
  const end = lines.findIndex((line, index) => index > start && !line.startsWith('|'))
  return lines.slice(start + 2, end).map((line) =>
    line
      .split('|')
      .slice(1, -1)
      .map((cell) => cell.trim().replaceAll('`', '')),
  )
}

interface Line {
  kind: string
  debit: string
  credit: string
  amount: number
}

const example: Line[] = table('step').map(([, kind = '', debit, credit, amount = '']) => ({
  kind,
  debit: `${debit}:INR`,
  credit: `${credit}:INR`,
  amount: Number(amount.replace('.', '')),
}))

test('the example posts what a capture, a sale, a refund of a fifth and their settlement post', () => {
  const sale = {
    shopOrderId: 'part',
    shopId: 'shop',
    subtotal: 100_000,
    discount: 10_000,
    deliveryFee: 4_000,
    tax: 2_500,
    total: 96_500,
    commissionBps: 1_000,
    returned: 0,
  }
  const posted: Movement[] = [
    captured('razorpay', 'INR', 'attempt', 96_500),
    ...sold('INR', [sale]),
    ...saleReversed('INR', sale, 19_300, 'refund'),
    refundOwed('razorpay', 'INR', 'refund', 19_300),
    refunded('razorpay', 'INR', 'refund', 19_300),
    ...settled(
      { provider: 'razorpay', currency: 'INR', entityId: 'pay', credit: 94_223, debit: 0, fee: 2_277, tax: 347 },
      'provider_clearing',
    ),
    ...settled(
      { provider: 'razorpay', currency: 'INR', entityId: 'rfnd', credit: 0, debit: 19_300, fee: 0, tax: 0 },
      'provider_clearing',
    ),
  ]
  assert.deepEqual(
    example,
    posted.map(({ kind, debit, credit, amount }) => ({ kind, debit, credit, amount })),
  )
})

test('what the example leaves on each account is the sum of its lines', () => {
  const totals = new Map<string, Totals>()
  const of = (account: string) => totals.get(account) ?? { debits: 0, credits: 0 }
  for (const { debit, credit, amount } of example) {
    totals.set(debit, { ...of(debit), debits: of(debit).debits + amount })
    totals.set(credit, { ...of(credit), credits: of(credit).credits + amount })
  }
  const left = [...totals]
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([account, moved]) => {
      const code = parseAccountCode(account)
      assert.ok(code !== undefined, account)
      return [account, balanceOn(NORMAL_SIDES[code.kind], moved)]
    })
  assert.deepEqual(
    left,
    table('account').map(([account, balance = '']) => [`${account}:INR`, Number(balance.replace('.', ''))]),
  )
})

test('the chart lists every kind of account on its side', () => {
  const listed = table('kind').map(([kind = '', , side]) => [kind, side])
  assert.deepEqual(Object.fromEntries(listed), { ...NORMAL_SIDES })
})

test('every kind of transfer of the example is explained', () => {
  const explained = table('transfer').flatMap(([kinds = '']) => kinds.split(', '))
  for (const { kind } of example)
    assert.ok(explained.includes(kind) || (explained.includes('sale_reversed') && kind.endsWith('_reversed')), kind)
})
