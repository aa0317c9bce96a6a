/**
 * A shopper's browser without the browser: it goes through the steps of the payment page over HTTP, and reads what the
 * pages say with the functions that the pages use. What is drawn is the same words.
 */
import assert from 'node:assert/strict'
import { IDLE, nextPaymentStep, type PaymentSignal, type PaymentStep } from '../client/payment-machine.ts'
import { readOutcome } from '../client/payment-outcome.ts'
import type { Scenario } from '../sandbox/scenarios.ts'
import type { Order, OrderEvent, OrderSummary } from '../shared/contract/orders.ts'
import type { OrderMoney, OrderPaymentState } from '../shared/contract/payments.ts'
import { billOf, listWords, moneyNotes } from '../web/storefront/src/features/orders/order-money.ts'
import { orderTimeline } from '../web/storefront/src/features/orders/order-timeline.ts'
import { headActions, orderTitle } from '../web/storefront/src/features/orders/order-words.ts'
import { resultWords } from '../web/storefront/src/features/payment/result-words.ts'
import { sceneOf, shownScene } from '../web/storefront/src/features/payment/scene.ts'
import { formatMoney } from '../web/ui/format.ts'
import { plain } from '../web/ui/phrase.ts'
import { pay, type Placed } from './buyer.ts'
import type { Shop } from './shop.ts'

type Who = { authorization: string }

/** Everything that a shopper reads of an order at one moment. */
export interface Read {
  /** order status / its payment status / the payment's status, whether it can be paid, and where the money is. */
  route: string
  scene: string
  /** The payment page: heading, words, what stands apart, buttons in their order, the first of them big. */
  result: string[]
  buttons: string[]
  /** The order's page: heading, notes, bill, buttons at its head, what happened (newest first). */
  order: string[]
  bill: string[]
  head: string[]
  story: string[]
  list: string
}

export class ShopperPage {
  private readonly shop: Shop
  private readonly who: Who
  private readonly placed: Placed
  private step: PaymentStep = IDLE

  constructor(shop: Shop, who: Who, placed: Placed) {
    this.shop = shop
    this.who = who
    this.placed = placed
  }

  /**
   * Opens the window and goes through it as the scenario has it, to the end of what the browser does by itself.
   *
   * @param amount another than the order asks for
   */
  async pay({ name, browser }: Pick<Scenario, 'name' | 'browser'>, amount?: number): Promise<void> {
    this.send({ type: 'pay' }, { type: 'opened' })
    const brought = await pay(this.shop, this.placed, name, amount === undefined ? {} : { amount })
    await this.shop.settled()
    if (browser === 'failure' || browser === 'failure-then-success') {
      this.send({ type: 'declined', reason: 'Payment failed' })
    }
    if (browser === 'success' || browser === 'failure-then-success' || browser === 'forged-success') {
      this.send({ type: 'approved' })
      const body = { orderId: this.placed.orderId, ...brought }
      const told = await this.shop.call('POST', '/api/payments/verify', { as: this.who, body })
      if (told.status === 200) this.send({ type: 'told' })
      else {
        const { code, message } = told.body.error
        this.send({ type: 'refused', problem: { code, message } })
        if (code === 'invalid_signature') await this.ask()
      }
      return
    }
    this.send({ type: 'dismissed' })
    if (this.step.step === 'checking') await this.ask()
  }

  /** Asks the provider once, as the page does when its window was left. */
  async ask(): Promise<void> {
    const asked = await this.shop.call('POST', `/api/payments/${this.placed.orderId}/ask`, { as: this.who, body: {} })
    assert.equal(asked.status, 200, JSON.stringify(asked.body))
    this.send({ type: 'checked', isAnswered: asked.body.data.hasAnswered })
  }

  /** What is read now, by a page that is open since the payment. */
  async read(): Promise<Read> {
    const get = async (path: string) => {
      const answer = await this.shop.call('GET', path, { as: this.who })
      assert.equal(answer.status, 200, JSON.stringify(answer.body))
      return answer.body.data
    }
    const { orderId } = this.placed
    const state: OrderPaymentState = await get(`/api/payments/${orderId}/status`)
    const order: Order = (await get(`/api/orders/${orderId}`)).order
    const events: OrderEvent[] = (await get(`/api/orders/${orderId}/events`)).events
    const mine: OrderSummary[] = (await get('/api/orders/user/my-orders?limit=100')).orders
    const row = mine.find(({ id }) => id === orderId)
    assert.ok(row)
    const now = this.shop.deps.ports.clock.now().getTime()

    const claimed = this.step.step === 'telling' || (this.step.step === 'stuck' && this.step.claimed)
    const scene = shownScene(sceneOf(readOutcome(state, claimed), this.step), order, now)
    const facts = { scene, order, state, step: this.step, isStranger: false, isSlow: false, now }
    const words = resultWords(facts)
    const { totalLabel, rows } = billOf(order)
    const read: Read = {
      route: `${state.orderStatus}/${state.paymentStatus}/${state.status}${state.canPay ? ' payable' : ''}${state.isUndecided ? ' undecided' : ''}${state.money.map(sumsInWords).join('')}`,
      scene,
      result: [words.title, plain(words.lead), ...(words.aside === null ? [] : [plain(words.aside)])],
      buttons: words.actions.map(({ label }) => plain(label)),
      order: [orderTitle(order), ...moneyNotes(order, now).map((note) => plain(note.words))],
      bill: [
        `${totalLabel} ${formatMoney(order.total, order.currency)}`,
        ...rows.map(
          ({ label, value }) =>
            `${label} ${typeof value === 'string' ? value : formatMoney(value.amount, value.currency)}`,
        ),
      ],
      head: headActions(order).map((action) =>
        action === 'pay' ? `Pay ${formatMoney(order.total, order.currency)}` : 'See how far it is',
      ),
      story: orderTimeline(order, events).map(({ title, detail, promised }) =>
        [promised ? `(${title})` : title, ...(detail == null ? [] : [detail])].join(': '),
      ),
      list: listWords(row).words,
    }
    return JSON.parse(timeless(JSON.stringify(read), order.number)) as Read
  }

  private send(...signals: PaymentSignal[]): void {
    this.step = signals.reduce(nextPaymentStep, this.step)
  }
}

function sumsInWords({ currency, ...sums }: OrderMoney): string {
  const told = Object.entries(sums).filter(([, amount]) => amount > 0)
  return ` ${currency} ${told.map(([what, amount]) => `${what} ${amount}`).join(', ')}`
}

/** What depends on the moment and on chance, in words that do not. */
function timeless(text: string, number: string): string {
  return text
    .replaceAll(number, 'NUMBER')
    .replaceAll(/\d{1,2}:\d{2} [ap]m/g, 'TIME')
    .replaceAll(/\b(Mon|Tue|Wed|Thu|Fri|Sat|Sun) \d{1,2} [A-Z][a-z]{2}\b/g, 'DAY')
    .replaceAll(/\b\d{1,2} [A-Z][a-z]{2} \d{4}\b/g, 'DATE')
    .replaceAll(/\b\d+ minutes? from now/g, 'MINUTES from now')
}
