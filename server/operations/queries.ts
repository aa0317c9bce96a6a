/**
 * Figures over everything. This slice alone may read the tables of every slice, and changes none of them: a figure that
 * joined five services would be slower and no truer.
 */
import { sql, type Db, type Sql } from '../platform/database.ts'

export interface CatalogFigures {
  products: number
  categories: number
  users: number
  open_review_items: number
}

/** Counted one by one up to here. */
const MOST_COUNTED = 10_000

/** How much there is of what is listed elsewhere: of very many, as many as the database believes that there are. */
export async function catalogFigures(db: Db): Promise<CatalogFigures> {
  const about = (table: string, some: Sql) => sql`(
    select case when counted.some <= ${MOST_COUNTED} then counted.some
      else greatest(counted.some, (select reltuples::bigint from pg_class where oid = ${table}::regclass)) end
    from (select count(*) as some from (${some} limit ${MOST_COUNTED + 1}) rows) counted)`
  return db.one<CatalogFigures>(
    'operations.catalog',
    sql`select ${about('products', sql`select from products where active`)} as products,
          (select count(*) from categories) as categories,
          ${about('users', sql`select from users`)} as users,
          (select count(*) from (
            select from review_items where resolved_at is null limit ${MOST_COUNTED}) open) as open_review_items`,
  )
}

/** The seconds from placing to confirmation, in the middle of the newest orders placed since `since`; null when none was confirmed. */
export async function medianConfirmSeconds(db: Db, since: Date): Promise<number | null> {
  const { median } = await db.one<{ median: number | null }>(
    'operations.medianConfirm',
    sql`select percentile_cont(0.5) within group (order by extract(epoch from confirmed_at - created_at)) as median
        from (select confirmed_at, created_at from orders where created_at >= ${since} order by created_at desc limit 1000) newest
        where confirmed_at is not null`,
  )
  return median
}
