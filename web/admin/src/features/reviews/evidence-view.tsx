import { Link } from '@tanstack/react-router'
import type { ReviewItemDetail } from '../../../../../shared/contract/reviews.ts'
import { cn } from '../../../../ui/class-names.ts'
import { clockParts, formatDay, formatExact, providerName } from '../../../../ui/format.ts'
import { Money } from '../../../../ui/money.tsx'
import { Status } from '../../../../ui/status.tsx'
import { Folded } from '../../lib/folded.tsx'
import { prettyJson } from '../../lib/raw-text.ts'
import { type Cell, comparisonOf, factsOf } from './evidence.ts'

/** What was known when the question was opened: both sides beside each other, then whatever else was noted. */
export function EvidenceView({ detail }: { detail: ReviewItemDetail }) {
  const comparison = comparisonOf(detail)
  const facts = factsOf(detail)
  const provider = detail.item.provider ? providerName(detail.item.provider) : 'the provider'
  return (
    <section aria-labelledby="evidence-title" className="mt-6">
      <h2 id="evidence-title" className={cn('text-h3', comparison && 'sr-only')}>
        What was known
      </h2>
      {comparison && (
        <table className="plain compare" aria-label="Both sides">
          <thead>
            <tr>
              <th scope="col">
                <span className="sr-only">Field</span>
              </th>
              <th scope="col">What {provider} says</th>
              <th scope="col">What we say</th>
            </tr>
          </thead>
          <tbody>
            {comparison.map((row) => (
              <tr key={row.field} className={cn(row.differs && 'differs')}>
                <th scope="row">
                  {row.field}
                  {row.differs && <span className="sr-only">, differs</span>}
                </th>
                <td>
                  <CellView cell={row.theirs} />
                </td>
                <td>
                  <CellView cell={row.ours} />
                </td>
              </tr>
            ))}
          </tbody>
        </table>
      )}
      {facts.length > 0 && (
        <dl className="facts">
          {facts.map((fact) => (
            <div key={fact.field}>
              <dt>{fact.field}</dt>
              <dd>
                <CellView cell={fact.value} />
              </dd>
            </div>
          ))}
        </dl>
      )}
      <p className="mt-2">
        <Folded label="Everything that was noted" body={prettyJson(detail.evidence)} />
      </p>
    </section>
  )
}

function CellView({ cell }: { cell: Cell }) {
  switch (cell.kind) {
    case 'money':
      return <Money amount={cell.amount} currency={cell.currency} className="font-strong" />
    case 'status':
      return <Status kind={cell.of} state={cell.state} className="whitespace-normal" />
    case 'id':
      return <span className="id">{cell.id}</span>
    case 'absent':
      return <span className="text-ink-3">{cell.text}</span>
    case 'order':
      return (
        <Link to="/orders/$orderId" params={{ orderId: cell.orderId }} className="link num">
          {cell.number}
        </Link>
      )
    case 'text':
      return <span className="wrap-anywhere">{cell.text}</span>
  }
}

/** Each capture of the order: what it is for, and what of it has gone back. */
export function MoneyOfOrder({ detail }: { detail: ReviewItemDetail }) {
  if (detail.money.length === 0) return null
  return (
    <section className="mt-7" aria-labelledby="money-title">
      <h2 id="money-title" className="text-h3">
        Captured for this order
      </h2>
      <table className="plain captures" aria-label="Captured for this order">
        <thead>
          <tr>
            <th scope="col">Payment</th>
            <th scope="col">It is</th>
            <th scope="col" className="r">
              Going back
            </th>
            <th scope="col" className="r">
              Gone back
            </th>
            <th scope="col" className="r">
              Captured
            </th>
          </tr>
        </thead>
        <tbody>
          {detail.money.map((capture) => (
            <tr key={capture.providerPaymentId}>
              <td className="c-lead">
                <span className="id">{capture.providerPaymentId}</span>
              </td>
              <td className="c-state text-ink-2">{DISPOSITIONS[capture.disposition] ?? capture.disposition}</td>
              <td className="r c-from">
                <Money amount={capture.refundingAmount} currency={capture.currency} />
              </td>
              <td className="r c-to">
                <Money amount={capture.refundedAmount} currency={capture.currency} />
              </td>
              <td className="r c-amount">
                <Money amount={capture.capturedAmount} currency={capture.currency} className="font-strong" />
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </section>
  )
}

const DISPOSITIONS: Readonly<Record<string, string>> = {
  none: 'not captured',
  kept: 'the payment of the order',
  surplus: 'too much, goes back',
  review: 'waiting for this decision',
}

/** What the provider was asked about it, newest first, raw replies folded. */
export function ProviderAnswers({ detail }: { detail: ReviewItemDetail }) {
  const { providerCalls } = detail
  if (providerCalls.length === 0) return null
  return (
    <section className="mt-7" aria-labelledby="answers-title">
      <h2 id="answers-title" className="text-h3">
        What the provider was asked
      </h2>
      <ol className="mt-1">
        {providerCalls.map((call) => (
          <li key={call.id} className="border-b border-rule py-[.6rem]">
            <p className="flex flex-wrap items-baseline justify-between gap-x-4">
              <span className="flex flex-wrap items-baseline gap-x-3">
                <b className="id">{call.operation}</b>
                <Status kind="provider_call" state={call.outcome} className="translate-y-0.5 text-small" />
                {call.httpStatus !== null && <span className="text-small text-ink-3">HTTP {call.httpStatus}</span>}
              </span>
              <time dateTime={call.createdAt} title={formatExact(call.createdAt)} className="num text-small text-ink-3">
                {formatDay(call.createdAt)}, {clockParts(call.createdAt).clock}
              </time>
            </p>
            <div className="flex flex-wrap gap-x-4 [&>pre]:basis-full">
              <Folded label="Question" body={prettyJson(call.request)} />
              <Folded label="Raw reply" body={prettyJson(call.reply)} />
            </div>
          </li>
        ))}
      </ol>
    </section>
  )
}
