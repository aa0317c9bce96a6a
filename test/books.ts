/**
 * The money of one order with its ledger and the customer's wallet, without a database: what is decided is taken over as
 * the next transaction would read it. For tables and stories that add up to the last minor unit.
 */
import assert from 'node:assert/strict'
import type { Movement } from '../server/ledger/movement.ts'
import { earnedWith } from '../server/orders/lines.ts'
import { isConfirmed } from '../server/orders/order.ts'
import { Draft, type Maker, type Outcome, type Policy } from '../server/payments/money/draft.ts'
import { USUAL_LATE_MONEY_MS } from '../server/payments/money/looks.ts'
import { applyFacts } from '../server/payments/money/outcome.ts'
import type { Money, PaymentFact } from '../server/payments/money/payment.ts'
import { at, moneyAfter } from './make.ts'

const POLICY: Policy = {
  pollAfterS: 60,
  mismatch: 'hold',
  refundApprovalAbove: null,
  lateMoneyMs: () => USUAL_LATE_MONEY_MS,
}

export class Books {
  money: Money
  /** What the customer keeps with us. */
  wallet: number
  /** Credits less debits of each account, without its currency. */
  readonly accounts = new Map<string, number>()
  private readonly walletBefore: number
  private readonly causes = new Set<string>()
  private readonly make: Maker
  private drawn = 0

  constructor(money: Money, wallet = 0) {
    this.money = money
    this.wallet = wallet
    this.walletBefore = wallet
    this.make = {
      now: at,
      uuid: () => {
        this.drawn += 1
        return `00000000-0000-7000-9000-${String(this.drawn).padStart(12, '0')}`
      },
    }
  }

  /** Facts that come together. */
  tell(...facts: PaymentFact[]): this {
    return this.take(applyFacts(this.money, facts, POLICY, this.make))
  }

  /** Something that somebody here decides. */
  decide(change: (draft: Draft) => void): this {
    const draft = new Draft(this.money, POLICY, this.make)
    change(draft)
    return this.take(draft.finish())
  }

  /** A movement that no order makes. */
  post(...movements: Movement[]): this {
    for (const { cause, debit, credit, amount } of movements) {
      assert.ok(amount > 0 && Number.isSafeInteger(amount), `${cause} moves ${amount}`)
      assert.ok(!this.causes.has(cause), `${cause} twice`)
      this.causes.add(cause)
      this.move(debit, -amount)
      this.move(credit, amount)
    }
    return this
  }

  /** What an account has, zero when nothing ever moved. */
  has(account: string): number {
    return this.accounts.get(account) ?? 0
  }

  /** The accounts that are not empty. */
  balances(): Record<string, number> {
    return Object.fromEntries([...this.accounts].filter(([, amount]) => amount !== 0).sort())
  }

  private take(outcome: Outcome): this {
    this.money = moneyAfter(this.money, outcome)
    this.post(...outcome.movements.map(({ movement }) => movement))
    for (const { amount } of outcome.walletChanges) this.wallet += amount
    assert.ok(this.wallet >= 0, 'the wallet is overdrawn')
    this.assertSound()
    return this
  }

  /** What must be true after each step, whatever it was. */
  private assertSound(): void {
    const { order, attempts, refunds, lines } = this.money
    const sum = (amounts: readonly number[]) => amounts.reduce((total, amount) => total + amount, 0)
    assert.equal(sum([...this.accounts.values()]), 0, 'the ledger does not balance')
    const held = sum(attempts.map((row) => row.captured_amount - row.refunding_amount - row.written_off_amount))
    const earned = isConfirmed(order.status) ? earnedWith(lines) : 0
    // What was captured short of a share is a loss of ours, and held for the sale all the same.
    const lost = Math.max(0, -this.has('write_offs:hundi'))
    assert.equal(this.has('customer_funds:orders'), held + lost - earned, 'what is held for the order')
    for (const attempt of attempts) {
      const own = refunds.filter((row) => row.attempt_id === attempt.id && row.status !== 'failed')
      assert.equal(attempt.refunding_amount, sum(own.map((row) => row.amount)), 'what goes back of a capture')
    }
    assert.equal(this.has(`wallet:${order.user_id}`), this.wallet - this.walletBefore, 'the wallet and its account')
    for (const share of [true, false]) {
      const kept = attempts.filter((row) => row.disposition === 'kept' && (row.provider === 'wallet') === share)
      assert.ok(kept.length <= 1, 'a share is paid twice')
    }
  }

  private move(code: string, amount: number): void {
    const account = code.slice(0, code.lastIndexOf(':'))
    this.accounts.set(account, this.has(account) + amount)
  }
}
