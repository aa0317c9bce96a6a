/**
 * Plans as they are made for ten million orders. A small database is given the statistics of a large one: planners read
 * numbers and not tables. What is told of a plan is what grows with the number of orders: tables that are read whole, and
 * what is done again for each row of something else.
 */
import type pg from 'pg'
import { tablesOfOrders } from './order-copies.ts'

const ORDERS = 10_000_000
/** Tables that grow with the number of orders, beside those that hold rows of orders. */
const GROW_TOO = ['users', 'sessions', 'auth_accounts', 'wallets']
/** What many orders have alike; there are no more of these when there are more orders. */
const FEW = new Set(['shop_id', 'product_id', 'category_id', 'run_id', 'review_item_id'])

/** Hold what went wrong, what people decided, or the rows of a day, and do not grow with what was sold. */
const STAY_SMALL = new Set(['webhook_history', 'money_decisions', 'order_clients'])
/** Of how many rows a column is null. Few are due or open at a time; in a small database they are many of all. */
const NULLS: Readonly<Record<string, number>> = {
  'payments.next_look_at': 0.9999,
  'refunds.next_look_at': 0.9999,
  'webhook_events.next_attempt_at': 0.9999,
  'orders.expires_at': 0.9999,
  'review_items.resolved_at': 0.01,
}
/** Indexes of only what is due or open: reading one of them whole is reading little. */
const OF_FEW = new Set([
  'payments_due',
  'payments_one_open',
  'refunds_due',
  'webhook_events_due',
  'webhook_events_troubled',
  'orders_expiring',
  'review_items_open',
])

/** Makes the planner believe that this database holds ten million orders. Gives the names of the tables that grew. */
export async function pretendTenMillion(client: pg.Client): Promise<Set<string>> {
  const ofOrders = (await tablesOfOrders(client)).map(({ name }) => name).filter((name) => !STAY_SMALL.has(name))
  const names = [...new Set([...ofOrders, ...GROW_TOO])]
  const { rows: columns } = await client.query(
    `select table_name, column_name, data_type from information_schema.columns
     where table_schema = 'public' and table_name = any($1) and data_type in ('uuid', 'text')`,
    [names],
  )
  for (const { table_name, column_name, data_type } of columns) {
    if (FEW.has(column_name) || (data_type === 'text' && !/(^|_)id$/.test(column_name))) continue
    const { rows } = await client.query(
      `select count(distinct ${column_name})::float8 / greatest(count(*), 1) as share from ${table_name}`,
    )
    // Told as a share of the rows, so that it grows with them; an absolute number would stay what it is here.
    if (rows[0].share > 0.01) {
      const share = -Math.min(1, rows[0].share)
      await client.query(`alter table ${table_name} alter column ${column_name} set (n_distinct = ${share})`)
    }
  }
  await client.query('analyze')
  for (const [column, share] of Object.entries(NULLS)) {
    await client.query(
      `select pg_restore_attribute_stats('schemaname', 'public', 'relname', split_part($1, '.', 1),
         'attname', split_part($1, '.', 2), 'inherited', false, 'null_frac', $2::real)`,
      [column, share],
    )
  }
  const { rows: counted } = await client.query('select count(*)::float8 as orders from orders')
  const times = ORDERS / counted[0].orders
  const { rows: relations } = await client.query(
    `select c.relname as name, greatest(c.reltuples, 1)::float8 as tuples,
       greatest(pg_relation_size(c.oid) / current_setting('block_size')::int, 1)::int as pages
     from pg_class c left join pg_index i on i.indexrelid = c.oid
     where coalesce(i.indrelid, c.oid)::regclass::text = any($1) and c.relkind in ('r', 'i')`,
    [names],
  )
  for (const { name, tuples, pages } of relations) {
    await client.query(
      `select pg_restore_relation_stats('schemaname', 'public', 'relname', $1::text, 'relpages', $2::integer,
         'reltuples', $3::real)`,
      [name, pages, tuples * times],
    )
  }
  return new Set(names)
}

export interface Plan {
  'Node Type': string
  'Relation Name'?: string
  'Index Name'?: string
  'Index Cond'?: string
  'Recheck Cond'?: string
  'TID Cond'?: string
  Filter?: string
  'Parent Relationship'?: string
  'Subplan Name'?: string
  Plans?: Plan[]
}

export interface Told {
  /** Large tables, or their indexes, that are read from end to end. */
  whole: string[]
  /** What is done again for each row of something else, and goes through a large table without looking anything up. */
  repeated: string[]
}

/** What of a plan grows with the number of orders. */
export function tell(plan: Plan, large: ReadonlySet<string>): Told {
  const told: Told = { whole: [], repeated: [] }
  // A sub-plan that is hashed is done once.
  const once = new Set(
    JSON.stringify(plan)
      .match(/hashed SubPlan \d+/g)
      ?.map((text) => text.slice('hashed '.length)),
  )
  const visit = (node: Plan, again: boolean, isCut: boolean) => {
    const type = node['Node Type']
    if (large.has(node['Relation Name'] ?? '') && !looksUp(node)) {
      const how = `${type} on ${node['Index Name'] ?? node['Relation Name']}`
      if (again) told.repeated.push(how)
      // What is filtered may be found late, or never.
      else if (!isCut || node.Filter !== undefined) told.whole.push(how)
    }
    // Below a limit a scan ends early, unless something has to have all of it first.
    const below = type === 'Limit' || (isCut && !/^(Sort|Aggregate|Hash|WindowAgg|Gather)/.test(type))
    for (const [at, child] of (node.Plans ?? []).entries()) {
      const isSubPlan = child['Parent Relationship'] === 'SubPlan' && !once.has(child['Subplan Name'] ?? '')
      const isInner = type === 'Nested Loop' && at === 1
      visit(child, again || isSubPlan || isInner, below)
    }
  }
  visit(plan, false, false)
  return told
}

/** Whether a node goes to what it wants, and does not go through all there is. */
function looksUp(node: Plan): boolean {
  if (!/Scan/.test(node['Node Type']) || node['Node Type'].startsWith('Bitmap Index')) return true
  if (OF_FEW.has(node['Index Name'] ?? '')) return true
  return (node['Index Cond'] ?? node['Recheck Cond'] ?? node['TID Cond']) !== undefined
}
