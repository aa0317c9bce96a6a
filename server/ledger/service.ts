/** The books: posting movements, in the transaction of what caused them. */
import type { Tx } from '../platform/database.ts'
import type { Ports } from '../platform/ports.ts'
import type { Movement } from './movement.ts'
import { insertTransfers } from './queries.ts'

export * from './movement.ts'
export { balance, listNewestOfAccount, listOfOrder } from './queries.ts'

/** Posts movements of one order in the caller's transaction. Posting a cause twice fails the transaction. */
export function post(
  tx: Tx,
  ports: Ports,
  currency: string,
  orderId: string | null,
  movements: readonly Movement[],
): void {
  if (movements.length === 0) return
  const createdAt = ports.clock.now()
  insertTransfers(
    tx,
    movements.map((movement) => ({
      id: ports.ids.uuid(),
      kind: movement.kind,
      debitAccountId: movement.debit,
      creditAccountId: movement.credit,
      amount: movement.amount,
      currency,
      orderId,
      cause: movement.cause,
      createdAt,
    })),
  )
}
