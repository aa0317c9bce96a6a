import { Link } from '@tanstack/react-router'
import { dayKey } from '../../../ui/format.ts'
import { accountName } from './books-words.ts'

/**
 * An account by its name, leading to its statement of the day of a transfer; its id in the books is in the tooltip.
 *
 * @param at when the transfer was
 */
export function AccountLink({
  id,
  at,
  nameOf,
}: {
  id: string
  at: string
  nameOf: (owner: string) => string | undefined
}) {
  const day = dayKey(at)
  return (
    <Link to="/ledger/statement" search={{ account: id, from: day, to: day }} title={id} className="hover:underline">
      {accountName(id, nameOf)}
    </Link>
  )
}
