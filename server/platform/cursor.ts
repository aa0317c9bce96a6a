/** Cursors of lists: the sort values of the last row, opaque to clients. They hold nothing that the list does not show. */
import { invalidField } from './errors.ts'

export type CursorValue = string | number

export function encodeCursor(values: readonly CursorValue[]): string {
  return Buffer.from(JSON.stringify(values)).toString('base64url')
}

/**
 * Reads a cursor back. `kinds` says what each value must be, so that a forged cursor is refused here and never reaches
 * a cast in SQL.
 *
 * @throws AppError validation_failed for anything that this list did not give out
 */
export function decodeCursor(text: string, kinds: readonly ('integer' | 'uuid' | 'text')[]): CursorValue[] {
  let values: unknown
  try {
    values = JSON.parse(Buffer.from(text, 'base64url').toString('utf8'))
  } catch {
    throw notOurs()
  }
  if (!Array.isArray(values) || values.length !== kinds.length) throw notOurs()
  for (const [index, kind] of kinds.entries()) if (!IS[kind](values[index])) throw notOurs()
  return values as CursorValue[]
}

const UUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i

const IS = {
  integer: (value: unknown) => Number.isSafeInteger(value),
  uuid: (value: unknown) => typeof value === 'string' && UUID.test(value),
  text: (value: unknown) => typeof value === 'string' && !value.includes('\0') && value.isWellFormed(),
} as const

function notOurs() {
  return invalidField('cursor', 'is not one that this list gave out')
}

/** Whether text is a UUID, for parameters that may be an id or a readable name. */
export function isUuid(text: string): boolean {
  return UUID.test(text)
}

/**
 * Cuts a page off rows that were asked for with one more than the limit, so that the last page is known to be the last.
 *
 * @param key gives the cursor values of a row
 */
export function cutPage<R>(
  rows: readonly R[],
  limit: number,
  key: (row: R) => readonly CursorValue[],
): { rows: R[]; pagination: { limit: number; nextCursor: string | null } } {
  const page = rows.slice(0, limit)
  const last = page.at(-1)
  const nextCursor = rows.length > limit && last !== undefined ? encodeCursor(key(last)) : null
  return { rows: page, pagination: { limit, nextCursor } }
}

/** A LIKE pattern that finds `text` anywhere, with its own wildcards taken literally. */
export function containing(text: string): string {
  return `%${text.replaceAll(/[\\%_]/g, '\\$&')}%`
}
