import { Link } from '@tanstack/react-router'
import type { ReconciliationLine } from '../../../../../shared/contract/reconciliation.ts'
import { Money } from '../../../../ui/money.tsx'
import { Status } from '../../../../ui/status.tsx'

/** Lines that were not simply matched or booked, with the order and the question that they lead to. */
export function LinesTable({ lines }: { lines: ReconciliationLine[] }) {
  return (
    <table className="plain lines" aria-label="Lines">
      <thead>
        <tr>
          <th scope="col">Line</th>
          <th scope="col">What about it</th>
          <th scope="col">Result</th>
          <th scope="col" className="r">
            With us
          </th>
          <th scope="col" className="r">
            At the provider
          </th>
        </tr>
      </thead>
      <tbody>
        {lines.map((line) => (
          <tr key={line.id}>
            <td className="c-lead">
              <span className="id">{line.providerRef}</span>
              {line.orderId && (
                <Link
                  to="/orders/$orderId"
                  params={{ orderId: line.orderId }}
                  className="num block text-small text-ink-2 hover:underline"
                >
                  {line.orderNumber ?? 'its order'}
                </Link>
              )}
            </td>
            <td className="c-wide text-ink-2">
              {line.detail}
              {line.reviewItemId && (
                <Link
                  to="/reviews/$reviewId"
                  params={{ reviewId: line.reviewItemId }}
                  className="link block w-fit text-small"
                >
                  Open its question
                </Link>
              )}
            </td>
            <td className="c-state">
              <Status kind="reconciled" state={line.outcome} />
            </td>
            <td className="r c-from" data-label="with us">
              <LineAmount amount={line.ourAmount} currency={line.currency} />
            </td>
            <td className="r c-amount">
              <LineAmount amount={line.theirAmount} currency={line.currency} isStrong />
            </td>
          </tr>
        ))}
      </tbody>
    </table>
  )
}

function LineAmount({ amount, currency, isStrong }: { amount: number | null; currency: string; isStrong?: boolean }) {
  if (amount === null) return <span className="text-ink-3">none</span>
  return <Money amount={amount} currency={currency} {...(isStrong ? { className: 'font-strong' } : {})} />
}
