/**
 * Razorpay's books: each entity is kept as the JSON that the API answers, beside the columns that lists filter by.
 * `terms` is what the provider knows and does not show. Steps are what it will do by itself at a later time.
 */
import type { DatabaseSync } from 'node:sqlite'
import type { Dispute, Order, OrderTerms, Payment, PaymentTerms, Refund } from './entities.ts'

const SCHEMA = `
create table if not exists razorpay_orders (
  sequence integer primary key,
  id text not null unique,
  receipt text,
  created_at integer not null,          -- unix seconds
  changed_at integer not null,          -- milliseconds; lists that lag look at it
  doc text not null,
  terms text not null
) strict;
create index if not exists razorpay_orders_by_receipt on razorpay_orders (receipt) where receipt is not null;
create table if not exists razorpay_payments (
  sequence integer primary key,
  id text not null unique,
  order_id text not null,
  status text not null,
  created_at integer not null,
  changed_at integer not null,
  doc text not null,
  terms text not null
) strict;
create index if not exists razorpay_payments_of_order on razorpay_payments (order_id);
create table if not exists razorpay_refunds (
  sequence integer primary key,
  id text not null unique,
  payment_id text not null,
  created_at integer not null,
  changed_at integer not null,
  doc text not null
) strict;
create index if not exists razorpay_refunds_of_payment on razorpay_refunds (payment_id);
create table if not exists razorpay_disputes (
  sequence integer primary key,
  id text not null unique,
  created_at integer not null,
  changed_at integer not null,
  doc text not null
) strict;
create table if not exists razorpay_refund_keys (
  key text primary key,
  fingerprint text not null,            -- what was asked: path and body
  reply text,                           -- null while the first request is under way
  created_at integer not null
) strict, without rowid;
create table if not exists razorpay_steps (
  id integer primary key,
  due_at integer not null,
  kind text not null,
  subject text not null,
  args text not null
) strict;
`

/** Which part of a list is asked for; times in unix seconds, newest first. */
export interface Page {
  from: number
  to: number
  count: number
  skip: number
  /** Only what last changed at or before this moment (milliseconds): a list that lags does not see the rest. */
  changedUntil: number
}

export interface Kept<T, Terms> {
  doc: T
  terms: Terms
}

export interface Step {
  id: number
  dueAt: number
  kind: string
  subject: string
  args: string
}

const PAGE = 'created_at between ? and ? and changed_at <= ? order by sequence desc limit ? offset ?'

type Row = Record<string, unknown>

export function razorpayTables(db: DatabaseSync) {
  db.exec(SCHEMA)
  const sql = {
    insertOrder: db.prepare(
      'insert into razorpay_orders (id, receipt, created_at, changed_at, doc, terms) values (?, ?, ?, ?, ?, ?)',
    ),
    updateOrder: db.prepare('update razorpay_orders set changed_at = ?, doc = ? where id = ?'),
    order: db.prepare('select doc, terms from razorpay_orders where id = ?'),
    orders: db.prepare(`select doc from razorpay_orders where ${PAGE}`),
    ordersByReceipt: db.prepare(`select doc from razorpay_orders where receipt = ? and ${PAGE}`),
    ordersByAuthorized: db.prepare(
      `select doc from razorpay_orders where ? = exists (
         select 1 from razorpay_payments as payment
         where payment.order_id = razorpay_orders.id and payment.status = 'authorized'
       ) and ${PAGE}`,
    ),
    insertPayment: db.prepare(
      `insert into razorpay_payments (id, order_id, status, created_at, changed_at, doc, terms)
       values (?, ?, ?, ?, ?, ?, ?)`,
    ),
    updatePayment: db.prepare('update razorpay_payments set status = ?, changed_at = ?, doc = ? where id = ?'),
    payment: db.prepare('select doc, terms from razorpay_payments where id = ?'),
    payments: db.prepare(`select doc, terms from razorpay_payments where ${PAGE}`),
    paymentsOfOrder: db.prepare('select doc, terms from razorpay_payments where order_id = ? order by sequence desc'),
    insertRefund: db.prepare(
      'insert into razorpay_refunds (id, payment_id, created_at, changed_at, doc) values (?, ?, ?, ?, ?)',
    ),
    updateRefund: db.prepare('update razorpay_refunds set changed_at = ?, doc = ? where id = ?'),
    refund: db.prepare('select doc from razorpay_refunds where id = ?'),
    refunds: db.prepare(`select doc from razorpay_refunds where ${PAGE}`),
    refundsOfPayment: db.prepare(`select doc from razorpay_refunds where payment_id = ? and ${PAGE}`),
    insertDispute: db.prepare('insert into razorpay_disputes (id, created_at, changed_at, doc) values (?, ?, ?, ?)'),
    updateDispute: db.prepare('update razorpay_disputes set changed_at = ?, doc = ? where id = ?'),
    dispute: db.prepare('select doc from razorpay_disputes where id = ?'),
    disputes: db.prepare(`select doc from razorpay_disputes where ${PAGE}`),
    refundKey: db.prepare('select * from razorpay_refund_keys where key = ?'),
    insertRefundKey: db.prepare(
      'insert into razorpay_refund_keys (key, fingerprint, reply, created_at) values (?, ?, null, ?)',
    ),
    updateRefundKey: db.prepare('update razorpay_refund_keys set reply = ? where key = ?'),
    deleteRefundKey: db.prepare('delete from razorpay_refund_keys where key = ?'),
    insertStep: db.prepare('insert into razorpay_steps (due_at, kind, subject, args) values (?, ?, ?, ?) returning id'),
    deleteStep: db.prepare('delete from razorpay_steps where id = ?'),
    steps: db.prepare('select * from razorpay_steps order by due_at, id'),
  }
  return {
    insertOrder({ doc, terms }: Kept<Order, OrderTerms>, nowMs: number): void {
      sql.insertOrder.run(doc.id, doc.receipt, doc.created_at, nowMs, JSON.stringify(doc), JSON.stringify(terms))
    },
    updateOrder: (doc: Order, nowMs: number): void => void sql.updateOrder.run(nowMs, JSON.stringify(doc), doc.id),
    findOrder: (id: string) => kept<Order, OrderTerms>(sql.order.get(id)),
    listOrders(page: Page, by: { receipt?: string; authorized?: boolean }): Order[] {
      if (by.receipt !== undefined) return docs(sql.ordersByReceipt.all(by.receipt, ...window(page)))
      if (by.authorized !== undefined) return docs(sql.ordersByAuthorized.all(by.authorized ? 1 : 0, ...window(page)))
      return docs(sql.orders.all(...window(page)))
    },

    insertPayment({ doc, terms }: Kept<Payment, PaymentTerms>, nowMs: number): void {
      const { id, order_id, status, created_at } = doc
      sql.insertPayment.run(id, order_id, status, created_at, nowMs, JSON.stringify(doc), JSON.stringify(terms))
    },
    updatePayment(doc: Payment, nowMs: number): void {
      sql.updatePayment.run(doc.status, nowMs, JSON.stringify(doc), doc.id)
    },
    findPayment: (id: string) => kept<Payment, PaymentTerms>(sql.payment.get(id)),
    listPayments: (page: Page) => allKept<Payment, PaymentTerms>(sql.payments.all(...window(page))),
    /** All attempts of an order, newest first; never lags. */
    paymentsOfOrder: (orderId: string) => allKept<Payment, PaymentTerms>(sql.paymentsOfOrder.all(orderId)),

    insertRefund(doc: Refund, nowMs: number): void {
      sql.insertRefund.run(doc.id, doc.payment_id, doc.created_at, nowMs, JSON.stringify(doc))
    },
    updateRefund: (doc: Refund, nowMs: number): void => void sql.updateRefund.run(nowMs, JSON.stringify(doc), doc.id),
    findRefund(id: string): Refund | undefined {
      const row = sql.refund.get(id)
      return row === undefined ? undefined : readDoc<Refund>(row)
    },
    listRefunds: (page: Page): Refund[] => docs(sql.refunds.all(...window(page))),
    refundsOfPayment: (paymentId: string, page: Page): Refund[] =>
      docs(sql.refundsOfPayment.all(paymentId, ...window(page))),

    insertDispute: (doc: Dispute, nowMs: number): void =>
      void sql.insertDispute.run(doc.id, doc.created_at, nowMs, JSON.stringify(doc)),
    updateDispute: (doc: Dispute, nowMs: number): void =>
      void sql.updateDispute.run(nowMs, JSON.stringify(doc), doc.id),
    findDispute(id: string): Dispute | undefined {
      const row = sql.dispute.get(id)
      return row === undefined ? undefined : readDoc<Dispute>(row)
    },
    listDisputes: (page: Page): Dispute[] => docs(sql.disputes.all(...window(page))),

    findRefundKey(key: string): { fingerprint: string; reply: string | null; createdAt: number } | undefined {
      const row = sql.refundKey.get(key)
      if (row === undefined) return undefined
      const reply = row.reply === null ? null : String(row.reply)
      return { fingerprint: String(row.fingerprint), reply, createdAt: Number(row.created_at) }
    },
    insertRefundKey: (key: string, fingerprint: string, nowMs: number): void =>
      void sql.insertRefundKey.run(key, fingerprint, nowMs),
    concludeRefundKey: (key: string, reply: string): void => void sql.updateRefundKey.run(reply, key),
    deleteRefundKey: (key: string): void => void sql.deleteRefundKey.run(key),
    /** At start: whoever held these is gone, and nothing was done under them. */
    deleteOpenRefundKeys: (): void => db.exec('delete from razorpay_refund_keys where reply is null'),

    insertStep: (step: Omit<Step, 'id'>): number =>
      Number(sql.insertStep.get(Math.round(step.dueAt), step.kind, step.subject, step.args)?.id),
    deleteStep: (id: number): void => void sql.deleteStep.run(id),
    listSteps(): Step[] {
      return sql.steps.all().map((row) => ({
        id: Number(row.id),
        dueAt: Number(row.due_at),
        kind: String(row.kind),
        subject: String(row.subject),
        args: String(row.args),
      }))
    },

    clear(): void {
      for (const name of ['orders', 'payments', 'refunds', 'disputes', 'refund_keys', 'steps']) {
        db.exec(`delete from razorpay_${name}`)
      }
    },
  }
}

export type RazorpayTables = ReturnType<typeof razorpayTables>

function window(page: Page) {
  return [page.from, page.to, page.changedUntil, page.count, page.skip] as const
}

function readDoc<T>(row: Row): T {
  return JSON.parse(String(row.doc))
}

function docs<T>(rows: Row[]): T[] {
  return rows.map((row) => readDoc<T>(row))
}

function kept<T, Terms>(row: Row | undefined): Kept<T, Terms> | undefined {
  return row === undefined ? undefined : { doc: readDoc<T>(row), terms: JSON.parse(String(row.terms)) }
}

function allKept<T, Terms>(rows: Row[]): Array<Kept<T, Terms>> {
  return rows.map((row) => ({ doc: readDoc<T>(row), terms: JSON.parse(String(row.terms)) }))
}
