import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { LedgerAccount } from '../../../../../shared/contract/ledger.ts'
import { groupAccounts } from './account-groups.ts'

const account = (kind: string, owner: string, balance: number, currency = 'INR'): LedgerAccount => ({
  id: `${kind}:${owner}:${currency}`,
  kind,
  owner,
  ownerName: null,
  currency,
  normalSide: 'credit',
  debits: 0,
  credits: balance,
  balance,
})

test('accounts stand in the groups of a book-keeper, the largest first, with the sum of their kind', () => {
  const groups = groupAccounts([
    account('commission', 'hundi', 500),
    account('seller_payable', 's1', 100),
    account('seller_payable', 's2', 300),
    account('bank', 'razorpay', 900),
  ])
  assert.deepEqual(
    groups.map((group) => [group.title, group.kinds.map((kind) => [kind.kind, kind.balance])]),
    [
      ['Ours, or owed to us', [['bank', 900]]],
      ['Owed to others', [['seller_payable', 400]]],
      ['Earned and spent', [['commission', 500]]],
    ],
  )
  assert.deepEqual(
    groups[1]?.kinds[0]?.accounts.map((each) => each.owner),
    ['s2', 's1'],
  )
})

test('currencies are never added', () => {
  const [group] = groupAccounts([account('wallet', 'u1', 100), account('wallet', 'u2', 7, 'USD')])
  assert.deepEqual(
    group?.kinds.map((kind) => [kind.currency, kind.balance]),
    [
      ['INR', 100],
      ['USD', 7],
    ],
  )
})

test('a kind that is not known is shown, not lost', () => {
  const groups = groupAccounts([account('gift_cards', 'hundi', 1)])
  assert.deepEqual(
    groups.map((group) => [group.title, group.kinds[0]?.words]),
    [['Other', 'Gift cards']],
  )
})
