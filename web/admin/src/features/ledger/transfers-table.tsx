import { Link } from '@tanstack/react-router'
import type { LedgerTransfer } from '../../../../../shared/contract/ledger.ts'
import { subtract } from '../../../../../shared/money.ts'
import { clockParts, formatDay, formatExact } from '../../../../ui/format.ts'
import { Money } from '../../../../ui/money.tsx'
import { AccountLink } from '../../lib/account-link.tsx'
import { transferWords } from '../../lib/books-words.ts'

/**
 * Transfers as rows. Of one account's statement the amount has the sign that it has for that account, and only the
 * other side is named.
 *
 * @param account the account that the statement is of
 */
export function TransfersTable({
  transfers,
  account,
  isCreditNormal,
  nameOf,
}: {
  transfers: LedgerTransfer[]
  account: string | undefined
  isCreditNormal: boolean
  nameOf: (owner: string) => string | undefined
}) {
  return (
    <table className="plain ledger statement" aria-label="Transfers">
      <thead>
        <tr>
          <th scope="col">When</th>
          <th scope="col">Why</th>
          {account === undefined ? (
            <>
              <th scope="col">Debit</th>
              <th scope="col">Credit</th>
            </>
          ) : (
            <th scope="col">Other side</th>
          )}
          <th scope="col">Order</th>
          <th scope="col" className="r">
            Amount
          </th>
        </tr>
      </thead>
      <tbody>
        {transfers.map((transfer) => {
          const isDebit = transfer.debit === account
          const isGain = account === undefined || isDebit !== isCreditNormal
          return (
            <tr key={transfer.id}>
              <td className="num c-when text-ink-2">
                <time dateTime={transfer.createdAt} title={formatExact(transfer.createdAt)}>
                  {formatDay(transfer.createdAt)}
                  <span className="text-ink-3">, {clockParts(transfer.createdAt).clock}</span>
                </time>
              </td>
              <td className="c-lead">{transferWords(transfer.kind)}</td>
              {account === undefined ? (
                <>
                  <td className="c-from">
                    <AccountLink id={transfer.debit} at={transfer.createdAt} nameOf={nameOf} />
                  </td>
                  <td className="c-to">
                    <AccountLink id={transfer.credit} at={transfer.createdAt} nameOf={nameOf} />
                  </td>
                </>
              ) : (
                <td className="c-other">
                  <AccountLink
                    id={isDebit ? transfer.credit : transfer.debit}
                    at={transfer.createdAt}
                    nameOf={nameOf}
                  />
                </td>
              )}
              <td className="c-order">
                {transfer.orderId && (
                  <Link
                    to="/orders/$orderId"
                    params={{ orderId: transfer.orderId }}
                    className="num text-ink-2 hover:underline"
                  >
                    {transfer.orderNumber ?? 'its order'}
                  </Link>
                )}
              </td>
              <td className="r c-amount">
                <Money
                  amount={isGain ? transfer.amount : subtract(0, transfer.amount)}
                  currency={transfer.currency}
                  signed={account !== undefined}
                  className="font-strong"
                />
              </td>
            </tr>
          )
        })}
      </tbody>
    </table>
  )
}
