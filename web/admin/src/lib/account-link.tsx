import { Link } from '@tanstack/react-router'
import { accountName } from './books-words.ts'

/** An account by its name, leading to its statement; its id in the books is in the tooltip. */
export function AccountLink({ id, nameOf }: { id: string; nameOf?: (owner: string) => string | undefined }) {
  return (
    <Link to="/ledger/statement" search={{ account: id }} title={id} className="hover:underline">
      {accountName(id, nameOf)}
    </Link>
  )
}
