/** What every list of the admin API has in common. */
import type { Answer, RequestOptions } from './transport.ts'

export type CallOptions = Pick<RequestOptions, 'signal'>

/** A query whose fields may be left out. */
export type Filter<Query> = { [Name in keyof Query]?: Query[Name] | undefined }

/** One page of a list that pages by cursor; `next` is null on the last one. */
export type CursorPage<Item> = { items: Item[]; next: string | null }

/** Reads a page whose rows stand under `name`. */
export function cursorPage<Item>(answer: Answer, name: string): CursorPage<Item> {
  const items = (answer.data as Record<string, Item[]>)[name] ?? []
  const pagination = answer.pagination as { nextCursor?: string | null } | undefined
  return { items, next: pagination?.nextCursor ?? null }
}

export function keyHeader(key: string): Record<string, string> {
  return { 'idempotency-key': key }
}
