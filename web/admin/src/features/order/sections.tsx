import { Link } from '@tanstack/react-router'
import type { ReactNode } from 'react'
import type { Order, OrderStory } from '../../../../../shared/contract/orders.ts'
import { clockParts, formatExact, methodWords, providerName, sentence } from '../../../../ui/format.ts'
import { Money } from '../../../../ui/money.tsx'
import { Status } from '../../../../ui/status.tsx'
import { partState } from '../../../../ui/status-words.ts'
import { When } from '../../../../ui/when.tsx'
import { AccountLink } from '../../lib/account-link.tsx'
import { inBookOrder, transferWords } from '../../lib/books-words.ts'

/** The order's parts, one per shop, with their things. */
export function PartsSection({ order }: { order: Order }) {
  const rest = order.items.filter((item) => !order.shopOrders.some((part) => part.shopId === item.shopId))
  return (
    <Section title="Parts">
      <table className="plain" aria-label="Parts">
        <thead>
          <tr>
            <th scope="col">Shop</th>
            <th scope="col">Things</th>
            <th scope="col">State</th>
            <th scope="col" className="r">
              Amount
            </th>
          </tr>
        </thead>
        <tbody>
          {order.shopOrders.map((part) => (
            <tr key={part.id}>
              <td className="c-lead">
                <b>{part.shopName}</b>
              </td>
              <td className="c-wide text-ink-2">
                <Things items={order.items.filter((item) => item.shopId === part.shopId)} />
                {part.deliveryFee > 0 && (
                  <span className="block text-small text-ink-3">
                    with <Money amount={part.deliveryFee} currency={order.currency} /> delivery
                  </span>
                )}
              </td>
              <td className="c-state">
                <Status kind="shop_order" state={partState(part)} />
              </td>
              <td className="r c-amount">
                <Money amount={part.total} currency={order.currency} className="font-strong" />
              </td>
            </tr>
          ))}
          {rest.map((item) => (
            <tr key={item.id}>
              <td className="c-lead">
                <b>{sentence(item.kind.replaceAll('_', ' '))}</b>
              </td>
              <td className="c-wide text-ink-2">
                <Things items={[item]} />
              </td>
              <td className="c-state" />
              <td className="r c-amount">
                <Money amount={item.total} currency={order.currency} className="font-strong" />
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </Section>
  )
}

function Things({ items }: { items: Order['items'] }) {
  return items.map((item) => (
    <span key={item.id} className="block">
      {item.quantity} × {item.title}
      {item.returnedQuantity > 0 && <span className="text-small text-ink-3">, {item.returnedQuantity} given back</span>}
    </span>
  ))
}

/** Every payment with the attempts inside it and what goes back. */
export function PaymentsSection({ order, now }: { order: Order; now: number }) {
  return (
    <Section title={order.payments.length > 1 ? 'Payments' : 'Payment'}>
      {order.payments.length === 0 && <p className="text-ink-2">None was opened.</p>}
      {order.payments.map((payment) => (
        <div key={payment.id} className="border-t border-rule pt-3 pb-1 first-of-type:border-t-0">
          <div className="flex flex-wrap items-baseline justify-between gap-x-4 gap-y-1">
            <p className="flex flex-wrap items-baseline gap-x-3">
              <b>{providerName(payment.provider)}</b>
              <Status kind="payment" state={payment.status} className="translate-y-0.5" />
            </p>
            <Money amount={payment.amount} currency={payment.currency} className="font-strong" />
          </div>
          <p className="text-small text-ink-3">
            {payment.providerOrderId && <span className="id">{payment.providerOrderId}</span>} opened{' '}
            <When at={payment.createdAt} now={now} />
          </p>
          {payment.attempts.length > 0 && (
            <table className="plain mt-2" aria-label={`Attempts at ${providerName(payment.provider)}`}>
              <thead>
                <tr>
                  <th scope="col">Attempt</th>
                  <th scope="col">Way</th>
                  <th scope="col">State</th>
                  <th scope="col" className="r">
                    Amount
                  </th>
                </tr>
              </thead>
              <tbody>
                {payment.attempts.map((attempt) => (
                  <tr key={attempt.id}>
                    <td className="c-lead">
                      <span className="id">{attempt.providerPaymentId}</span>
                    </td>
                    <td className="c-wide text-ink-2">
                      {methodWords(attempt.method, attempt.methodDetail) ?? 'Not told'}
                      {attempt.errorDescription && (
                        <span className="block text-small text-ink-3">{sentence(attempt.errorDescription)}</span>
                      )}
                    </td>
                    <td className="c-state">
                      <Status kind="attempt" state={attempt.status} />
                    </td>
                    <td className="r c-amount">
                      <Money amount={attempt.amount} currency={attempt.currency} className="font-strong" />
                      {attempt.fee ? (
                        <span className="block text-small text-ink-3">
                          fee <Money amount={attempt.fee} currency={attempt.currency} />
                        </span>
                      ) : null}
                    </td>
                  </tr>
                ))}
              </tbody>
            </table>
          )}
          {payment.refunds.length > 0 && (
            <table className="plain mt-2" aria-label={`Refunds at ${providerName(payment.provider)}`}>
              <thead>
                <tr>
                  <th scope="col">Refund</th>
                  <th scope="col">Why</th>
                  <th scope="col">State</th>
                  <th scope="col" className="r">
                    Amount
                  </th>
                </tr>
              </thead>
              <tbody>
                {payment.refunds.map((refund) => (
                  <tr key={refund.id}>
                    <td className="c-lead">
                      <span className="id">{refund.providerRefundId ?? 'no id yet'}</span>
                    </td>
                    <td className="c-wide text-ink-2">
                      {sentence((refund.reason ?? refund.text).replaceAll('_', ' '))}
                      <span className="block text-small text-ink-3">The customer reads: “{refund.text}”</span>
                      <span className="block text-small text-ink-3">
                        {refund.destination === 'wallet' ? 'To the wallet' : 'To where it came from'},{' '}
                        <When at={refund.processedAt ?? refund.createdAt} now={now} />
                      </span>
                    </td>
                    <td className="c-state">
                      <RefundState refund={refund} />
                    </td>
                    <td className="r c-amount">
                      <Money amount={-refund.amount} currency={refund.currency} className="font-strong" />
                    </td>
                  </tr>
                ))}
              </tbody>
            </table>
          )}
        </div>
      ))}
    </Section>
  )
}

/** Where a refund is; while a second person has to agree, and after they declined, that is what counts. */
function RefundState({ refund }: { refund: Order['payments'][number]['refunds'][number] }) {
  if (refund.approval === 'pending' || refund.approval === 'declined') {
    return <Status kind="approval" state={refund.approval} className="whitespace-normal" />
  }
  return <Status kind="refund" state={refund.status} className="whitespace-normal" />
}

/** The double-entry transfers of this order. */
export function LedgerSection({ transfers, order }: { transfers: OrderStory['ledger']; order: Order }) {
  const names = new Map(order.shopOrders.map((part) => [part.shopId, part.shopName]))
  const nameOf = (owner: string) => names.get(owner)
  return (
    <Section title="Ledger">
      {transfers.length === 0 ? (
        <p className="text-ink-2">Nothing is posted before money arrives.</p>
      ) : (
        <table className="plain ledger" aria-label="Ledger">
          <thead>
            <tr>
              <th scope="col">When</th>
              <th scope="col">Why</th>
              <th scope="col">Debit</th>
              <th scope="col">Credit</th>
              <th scope="col" className="r">
                Amount
              </th>
            </tr>
          </thead>
          <tbody>
            {inBookOrder(transfers).map((transfer) => (
              <tr key={transfer.id}>
                <td className="num c-time text-ink-2">
                  <time dateTime={transfer.createdAt} title={formatExact(transfer.createdAt)}>
                    {clockParts(transfer.createdAt).clock}
                  </time>
                </td>
                <td className="c-lead">{transferWords(transfer.kind)}</td>
                <td className="c-from">
                  <AccountLink id={transfer.debit} at={transfer.createdAt} nameOf={nameOf} />
                </td>
                <td className="c-to">
                  <AccountLink id={transfer.credit} at={transfer.createdAt} nameOf={nameOf} />
                </td>
                <td className="r c-amount">
                  <Money amount={transfer.amount} currency={transfer.currency} className="font-strong" />
                </td>
              </tr>
            ))}
          </tbody>
        </table>
      )}
      {transfers.length > 0 && (
        <p className="pt-2 text-small">
          <Link to="/ledger/statement" search={{ orderId: order.id }} className="link">
            As a statement
          </Link>
        </p>
      )}
    </Section>
  )
}

function Section({ title, children }: { title: string; children: ReactNode }) {
  return (
    <section className="mt-[2.6rem]">
      <h2 className="mb-1 text-h2">{title}</h2>
      {children}
    </section>
  )
}
