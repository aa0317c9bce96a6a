/** The example of docs/ledger.md is what the books would say: every line of it is posted by the functions that post. */
import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { test } from 'node:test'
import { balanceOn, NORMAL_SIDES, parseAccountCode, type Totals } from './account.ts'
import { settled } from './provider-movement.ts'
import { amountBack } from '../../shared/line.ts'
import { captured, refunded, refundOwed, type Movement } from './movement.ts'
import { saleReversed, sharesOf, sold, type SoldLine } from './sale.ts'

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

/** The lines of the example, as its own table has them. */
const lines: SoldLine[] = table('line').map(([name = '', price, discount, tax, costs, commission]) => {
  const minor = (text = '') => (text === '' ? 0 : Number(text.replace('.', '')))
  const kind = name === 'delivery' ? 'delivery' : 'product'
  const total = minor(price) - minor(discount)
  assert.equal(total + minor(tax), minor(costs))
  return {
    id: name,
    shopOrderId: 'part',
    quantity: name.startsWith('pepper') ? 2 : 1,
    gross: minor(costs),
    shares: sharesOf({
      kind,
      shopId: 'shop',
      total,
      houseDiscount: minor(discount),
      tax: minor(tax),
      commission: minor(commission),
    }),
    returned: { quantity: 0, amount: 0 },
  }
})

test('the example posts what a capture, a sale, a refund of one of two units and their settlement post', () => {
  const [pepper] = lines
  assert.ok(pepper)
  const tin = amountBack(pepper, 1)
  const posted: Movement[] = [
    captured('razorpay', 'INR', 'attempt', 96_500),
    ...sold('INR', lines),
    ...saleReversed('INR', [{ line: pepper, by: { quantity: 1, amount: tin } }], 'refund'),
    refundOwed('razorpay', 'INR', 'refund', tin),
    refunded('razorpay', 'INR', 'refund', tin),
    ...settled(
      { provider: 'razorpay', currency: 'INR', entityId: 'pay', credit: 94_223, debit: 0, fee: 2_277, tax: 347 },
      'provider_clearing',
    ),
    ...settled(
      { provider: 'razorpay', currency: 'INR', entityId: 'rfnd', credit: 0, debit: tin, fee: 0, tax: 0 },
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
