import { Type, type Static } from 'typebox'
import { Amount, Currency, CursorQuery, Id, IdInPath, Nullable, Timestamp } from './envelope.ts'

export const LedgerAccount = Type.Object({
  id: Type.String({ description: 'kind:owner:CURRENCY' }),
  kind: Type.String({ description: 'provider_clearing, bank, customer_funds, wallet, seller_payable, …' }),
  owner: Type.String({ description: 'A provider, a shop, a user, or the house' }),
  ownerName: Nullable(Type.String()),
  currency: Currency,
  /** `debit`: what we have or are owed. `credit`: what we owe or have earned. */
  normalSide: Type.Union([Type.Literal('debit'), Type.Literal('credit')]),
  debits: Amount,
  credits: Amount,
  /** On its normal side: positive when it is as it should be. */
  balance: Amount,
})
export type LedgerAccount = Static<typeof LedgerAccount>

export const LedgerAccountsQuery = Type.Object({
  at: Type.Optional(Type.String({ description: 'Date (end of that day, UTC) or date-time; now when left out' })),
  kind: Type.Optional(Type.String({ maxLength: 40 })),
  ...CursorQuery,
})

export const LedgerTransfer = Type.Object({
  id: Id,
  kind: Type.String(),
  debit: Type.String(),
  credit: Type.String(),
  amount: Amount,
  currency: Currency,
  orderId: Nullable(Id),
  orderNumber: Nullable(Type.String()),
  cause: Type.String(),
  createdAt: Timestamp,
})
export type LedgerTransfer = Static<typeof LedgerTransfer>

/** A statement is of one account, order, user or shop, or of everything; and of a day or a window. */
export const LedgerStatementQuery = Type.Object({
  ...CursorQuery,
  account: Type.Optional(Type.String({ maxLength: 120 })),
  orderId: Type.Optional(Id),
  userId: Type.Optional(IdInPath),
  shopId: Type.Optional(Id),
  day: Type.Optional(Type.String({ pattern: '^\\d{4}-\\d{2}-\\d{2}$' })),
  from: Type.Optional(Type.String({ description: 'Date or date-time, inclusive' })),
  to: Type.Optional(Type.String({ description: 'Date (that whole day) or date-time, exclusive' })),
})
export type LedgerStatementQuery = Static<typeof LedgerStatementQuery>

export const LedgerStatement = Type.Object({
  /** Of a statement over one account: what it held before the first and after the last of its transfers, on its normal side. */
  opening: Nullable(Amount),
  closing: Nullable(Amount),
  currency: Nullable(Currency),
  transfers: Type.Array(LedgerTransfer),
})
export type LedgerStatement = Static<typeof LedgerStatement>
