/**
 * The rules of the house that a machine can check. Each is a function from sources to breaches; each is run on the
 * project, and on a planted breach, so that a rule which has stopped seeing anything fails too. An exception stands in a
 * list with its reason.
 */
import assert from 'node:assert/strict'
import { readdirSync, readFileSync } from 'node:fs'
import { describe, test } from 'node:test'
import { parseSource, readSources, type Source } from '../test/source-code.ts'

const sources = readSources(['shared', 'server', 'sandbox', 'client', 'web', 'test', 'e2e', 'bench', 'scripts'])

/** Earlier slices first: a slice knows those before it and none after it. */
const SLICES = `
  accounts shops catalog inventory cart
  timeline reviews ledger wallet coupons memberships
  orders payments inbox checkout aftersales
  reconciliation casework
  payouts invoices messages live operations pages demo`
  .trim()
  .split(/\s+/)

/**
 * What other slices may import of a slice: these files, or, of a slice that is not named here, its `service.ts`. Nobody
 * hands on what another file defines, so that a reader arrives where it happens.
 */
const DOORS: Readonly<Record<string, readonly string[]>> = {
  accounts: ['service.ts', 'account.ts', 'admins.ts', 'queries.ts'],
  shops: ['service.ts', 'queries.ts', 'opening-hours.ts'],
  catalog: ['service.ts', 'queries.ts'],
  // Units move by single statements in the transaction of whoever moves them.
  inventory: ['service.ts', 'queries.ts', 'stock-keeping.ts'],
  // What is said of an order, by whoever changes it.
  timeline: ['event.ts', 'queries.ts', 'listing.ts'],
  // Whoever has a question asks it; casework decides.
  reviews: ['question.ts', 'queries.ts'],
  // What moves money, as values; only posting them needs a transaction.
  ledger: [
    'service.ts',
    'account.ts',
    'movement.ts',
    'sale.ts',
    'provider-movement.ts',
    'suspense-movement.ts',
    'queries.ts',
  ],
  wallet: ['queries.ts'],
  // The order's row, its lines and parts with their pure rules; reading, changing and showing it; who may see it.
  orders: [
    'order.ts',
    'lines.ts',
    'parts.ts',
    'queries.ts',
    'changes.ts',
    'change-queries.ts',
    'client-queries.ts',
    'finding.ts',
    'lists.ts',
    'views.ts',
    'access.ts',
    'viewer.ts',
  ],
  // The payment's row and its pure rules; the door for facts; one file per use case; the books as providers lay them out.
  payments: [
    'context.ts',
    'money/payment.ts',
    'money/belonging.ts',
    'money/refund.ts',
    'money/shares.ts',
    'money/money-of.ts',
    'providers/provider.ts',
    'providers/call.ts',
    'providers/call-queries.ts',
    'queries.ts',
    'order-queries.ts',
    'books-queries.ts',
    'settle.ts',
    'create.ts',
    'open.ts',
    'verify.ts',
    'poll.ts',
    'change.ts',
    'cancel.ts',
    'refunds.ts',
    'attention.ts',
    'listing.ts',
    'views.ts',
    'by-hand/attach.ts',
    'by-hand/held-money.ts',
    'by-hand/payment-by-hand.ts',
    'by-hand/refund-by-hand.ts',
    'by-hand/second-person.ts',
    'by-hand/decision-queries.ts',
  ],
  inbox: ['queries.ts', 'retention.ts'],
}

/** Who alone writes a table, and reads it but for the exceptions below. */
const OWNERS: Readonly<Record<string, readonly string[]>> = {
  accounts: ['users', 'sessions', 'auth_accounts', 'verifications'],
  shops: ['shops', 'shop_delivery_fees'],
  catalog: ['categories', 'products'],
  inventory: ['inventory', 'inventory_movements'],
  cart: ['carts', 'cart_items'],
  timeline: ['events'],
  reviews: ['review_items'],
  ledger: ['ledger_accounts', 'ledger_transfers', 'ledger_closing', 'ledger_day_totals'],
  wallet: ['wallets'],
  orders: ['orders', 'shop_orders', 'order_items', 'order_clients', 'order_search', 'order_search_backfill'],
  payments: ['payments', 'payment_attempts', 'refunds', 'money_decisions', 'provider_calls'],
  inbox: ['webhook_events', 'webhook_history', 'webhook_rejections', 'webhook_bodies'],
  reconciliation: [
    'reconciliation_runs',
    'reconciliation_lines',
    'reconciliation_outcomes',
    'settlements',
    'settlement_lines',
  ],
  operations: ['check_runs', 'figures', 'order_moves', 'order_totals', 'sales_totals', 'process_troubles'],
  platform: ['idempotency_keys', 'rate_limits', 'timetable', 'alerts', 'schema_migrations'],
}

/** Tables that another slice reads in a join of its own, and why. `operations` reads everything. */
const READ_BY: Readonly<Record<string, readonly string[]>> = {
  // A person is told the name of the shop he sells for.
  accounts: ['shops'],
  // A list of products shows their shop, what delivery costs and whether there is stock, page by page.
  catalog: ['shops', 'shop_delivery_fees', 'inventory'],
  // Lists of orders whose money needs somebody are found from either side.
  payments: ['orders', 'review_items'],
  // A line of a run is open as long as its question is.
  reconciliation: ['review_items'],
}

/** Tables that another slice writes, and why. */
const WRITTEN_BY: Readonly<Record<string, readonly string[]>> = {
  // Anybody raises an alert; telling people, and ending what is over, is operations' work.
  operations: ['alerts'],
}

/** Files without I/O: they import only the likes of themselves, `shared/`, and types. */
const PURE = new Set([
  'server/accounts/account.ts',
  'server/shops/opening-hours.ts',
  'server/orders/order.ts',
  'server/orders/order-words.ts',
  'server/orders/lines.ts',
  'server/orders/parts.ts',
  'server/ledger/account.ts',
  'server/ledger/movement.ts',
  'server/ledger/sale.ts',
  'server/ledger/provider-movement.ts',
  'server/reconciliation/compare.ts',
  'server/reconciliation/settlement-check.ts',
  'server/reconciliation/questions.ts',
  'server/reconciliation/window.ts',
  'server/ledger/suspense-movement.ts',
  'server/payments/views.ts',
  'server/payments/providers/webhook-body.ts',
  'server/payments/providers/provider.ts',
  'server/platform/errors.ts',
  'server/timeline/event.ts',
  'server/reviews/question.ts',
  'server/payments/providers/razorpay/facts.ts',
  'server/casework/actions.ts',
  'server/operations/invariant.ts',
])

/** Packages that only one folder may know. */
const SDKS: Readonly<Record<string, string>> = {
  razorpay: 'server/payments/providers/razorpay/',
  stripe: 'server/payments/providers/stripe/',
  '@paypal/paypal-server-sdk': 'server/payments/providers/paypal/',
}

/** The core of payments is pure as a whole. */
function isPure(path: string): boolean {
  return PURE.has(path) || (path.startsWith('server/payments/money/') && !path.endsWith('.test.ts'))
}

type Rule = (sources: readonly Source[]) => string[]

/** Tests, and what exists for tests alone. */
const isTest = ({ path }: Source) =>
  /(\.test\.tsx?|-fixture\.ts)$/.test(path) ||
  /^(test|e2e|bench|scripts)\//.test(path) ||
  path === 'sandbox/test-bench.ts' ||
  path.startsWith('server/payments/providers/conformance')
const isServer = ({ path }: Source) => path.startsWith('server/')
const sliceOf = (path: string) => /^server\/([\w-]+)\//.exec(path)?.[1]
const nameOf = (path: string) => path.slice(path.lastIndexOf('/') + 1)

/** Breaches of a rule that looks for a pattern in code, as `path:line: the line`. */
function matches(where: readonly Source[], pattern: RegExp, what: 'code' | 'text' = 'code'): string[] {
  return where.flatMap((source) => {
    const original = source.text.split('\n')
    return source[what]
      .split('\n')
      .flatMap((line, index) => (pattern.test(line) ? [`${source.path}:${index + 1}: ${original[index]?.trim()}`] : []))
  })
}

/** Breaches of a rule on imports, as `path → what it imports`. */
function forbidden(
  where: readonly Source[],
  allowed: (importer: Source, imported: Source['imports'][number]) => boolean,
): string[] {
  return where.flatMap((source) =>
    source.imports
      .filter((each) => !allowed(source, each))
      .map((each) => `${source.path} → ${each.file ?? each.specifier}`),
  )
}

/** Which top folders may know which. */
const LAYERS: Readonly<Record<string, readonly string[]>> = {
  shared: ['shared'],
  client: ['client', 'shared'],
  web: ['web', 'client', 'shared'],
  sandbox: ['sandbox', 'shared'],
  server: ['server', 'shared'],
}

const RULES: readonly { name: string; rule: Rule; planted: Readonly<Record<string, string>> }[] = [
  {
    name: 'top folders know only what is below them; the sandbox and the server know nothing of each other',
    rule: (all) =>
      forbidden(
        all.filter((source) => !isTest(source)),
        (importer, { file }) => {
          const layers = LAYERS[importer.path.split('/')[0] ?? '']
          return file === undefined || layers === undefined || layers.includes(file.split('/')[0] ?? '')
        },
      ),
    planted: {
      'server/orders/service.ts': "import { play } from '../../sandbox/razorpay/play.ts'",
      'shared/money.ts': "import type { Db } from '../server/platform/database.ts'",
      'web/storefront/src/a.tsx': "const a = import('../../../server/app.ts')",
    },
  },
  {
    name: 'what runs in a browser uses nothing of Node',
    rule: (all) =>
      forbidden(
        all.filter((source) => /^(shared|client|web\/\w+\/src)\//.test(source.path) && !isTest(source)),
        (_importer, { specifier }) => !specifier.startsWith('node:'),
      ),
    planted: { 'shared/a.ts': "import { readFile } from 'node:fs/promises'" },
  },
  {
    name: 'platform knows no slice, and no slice knows what is put together above it',
    rule: (all) =>
      forbidden(
        all.filter((source) => isServer(source) && !isTest(source) && sliceOf(source.path) !== undefined),
        (importer, { file }) => {
          if (file === undefined || !file.startsWith('server/')) return true
          const to = sliceOf(file)
          return to !== undefined && (sliceOf(importer.path) !== 'platform' || to === 'platform')
        },
      ),
    planted: {
      'server/platform/http.ts': "import { find } from '../orders/service.ts'",
      'server/orders/jobs.ts': "import { createApp } from '../app.ts'",
    },
  },
  {
    name: 'every folder of the server is a slice that has its place in the order',
    rule: (all) =>
      [...new Set(all.filter(isServer).flatMap(({ path }) => sliceOf(path) ?? []))].filter(
        (slice) => slice !== 'platform' && !SLICES.includes(slice),
      ),
    planted: { 'server/loyalty/service.ts': '' },
  },
  {
    name: 'slices know only earlier slices, and those only through their doors',
    rule: (all) =>
      forbidden(
        all.filter((source) => isServer(source) && !isTest(source)),
        (importer, { file }) => {
          const from = sliceOf(importer.path)
          const to = file === undefined ? undefined : sliceOf(file)
          if (file === undefined || from === undefined || to === undefined || from === to || to === 'platform')
            return true
          if (SLICES.indexOf(to) > SLICES.indexOf(from)) return false
          const door = file.slice(`server/${to}/`.length)
          return (DOORS[to] ?? ['service.ts']).includes(door)
        },
      ),
    planted: {
      'server/orders/finding.ts': "import { openPayment } from '../payments/open.ts'",
      'server/checkout/service.ts': "import { searchText } from '../orders/list-queries.ts'",
    },
  },
  {
    name: 'nobody hands on what another file defines',
    rule: (all) =>
      matches(
        all.filter((source) => isServer(source) && !isTest(source)),
        /^export (type )?(\*|\{[^}]*$|\{[^}]*\} from '\.)/,
        'text',
      ),
    planted: { 'server/orders/service.ts': "export { lockOrder } from './queries.ts'" },
  },
  {
    name: 'inside a slice: pure ← queries ← service ← routes and jobs',
    rule: (all) =>
      forbidden(
        all.filter((source) => isServer(source) && !isTest(source) && sliceOf(source.path) !== 'platform'),
        (importer, { file, typeOnly }) => {
          if (file === undefined || typeOnly || sliceOf(importer.path) !== sliceOf(file)) return true
          const [from, to] = [rankOf(importer.path), rankOf(file)]
          // Routes go through the service, not around it.
          if (from === EDGE && to === QUERIES) return false
          return to <= from
        },
      ),
    planted: {
      'server/orders/queries.ts': "import { confirmOrder } from './service.ts'",
      'server/orders/service.ts': "import { registerOrderRoutes } from './routes.ts'",
      'server/orders/admin-routes.ts': "import { lockOrder } from './queries.ts'",
    },
  },
  {
    name: 'pure files import only pure files and shared/',
    rule: (all) => [
      ...[...PURE].filter((path) => !all.some((source) => source.path === path) && all === sources),
      ...forbidden(
        all.filter(({ path }) => isPure(path)),
        (_importer, { file, typeOnly }) =>
          typeOnly || (file !== undefined && (file.startsWith('shared/') || isPure(file))),
      ),
    ],
    planted: { 'server/payments/money/payment.ts': "import { sql } from '../platform/database.ts'" },
  },
  {
    name: 'nothing imports in a circle',
    // The client's table of contents hands out hooks that use its query keys; functions alone, called long after.
    rule: (all) =>
      circles(all.filter((source) => !isTest(source))).filter((circle) => !circle.startsWith('client/hooks.tsx → ')),
    planted: {
      'server/orders/a.ts': "import { b } from './b.ts'",
      'server/orders/b.ts': "import { a } from './a.ts'",
    },
  },
  {
    name: 'SQL stands in queries files and in platform',
    rule: (all) =>
      matches(
        all.filter(
          (source) =>
            isServer(source) &&
            !isTest(source) &&
            !source.path.endsWith('queries.ts') &&
            sliceOf(source.path) !== 'platform',
        ),
        /\bsql`|\.query\(/,
      ),
    planted: { 'server/orders/service.ts': 'await db.many("x", sql`select 1`)' },
  },
  {
    name: 'a table is written by one slice, and read by others only where a join is worth it',
    rule: (all) =>
      all
        .filter((source) => isServer(source) && !isTest(source) && sliceOf(source.path) !== undefined)
        .flatMap((source) => {
          const slice = sliceOf(source.path) ?? ''
          return touched(source).flatMap(({ table, writes }) => {
            const owner = Object.keys(OWNERS).find((each) => OWNERS[each]?.includes(table))
            if (owner === undefined || owner === slice || WRITTEN_BY[slice]?.includes(table)) return []
            if (!writes && (slice === 'operations' || READ_BY[slice]?.includes(table))) return []
            return [`${source.path} ${writes ? 'writes' : 'reads'} ${table}`]
          })
        }),
    planted: {
      'server/casework/queries.ts': 'sql`update review_items set resolved_at = now()`',
      'server/checkout/queries.ts': 'sql`select 1 from inventory where id = 1`',
      'server/operations/watch-queries.ts': 'sql`delete from refunds`',
    },
  },
  {
    name: "a provider's SDK is known only to its adapter, and the database's driver only to platform",
    rule: (all) => [
      ...forbidden(
        all.filter((source) => !isTest(source)),
        ({ path }, { specifier }) => SDKS[specifier] === undefined || path.startsWith(SDKS[specifier]),
      ),
      ...forbidden(
        all.filter((source) => isServer(source) && !isTest(source)),
        ({ path }, { specifier }) =>
          !/^(pg|kysely)$/.test(specifier) ||
          sliceOf(path) === 'platform' ||
          // The library that keeps users and sessions wants a pool of its own.
          path === 'server/accounts/library-setup.ts',
      ),
    ],
    planted: {
      'server/payments/service.ts': "import Razorpay from 'razorpay'",
      'server/orders/queries.ts': "import pg from 'pg'",
    },
  },
  {
    name: 'the environment is read where a program starts',
    rule: (all) =>
      matches(
        all.filter(
          (source) =>
            !isTest(source) &&
            !['server/main.ts', 'server/check.ts', 'sandbox/main.ts', 'web/vite.config.ts'].includes(source.path),
        ),
        /\bprocess\s*\.\s*env\b|import\.meta\.env/,
      ),
    planted: { 'server/orders/service.ts': 'const ttl = process.env.ORDER_TTL_S' },
  },
  {
    name: 'clocks, timers, chance and the network are reached through ports',
    rule: (all) => {
      const where = all.filter(
        (source) =>
          !isTest(source) &&
          ((isServer(source) && sliceOf(source.path) !== 'platform') ||
            (source.path.startsWith('sandbox/') && !SANDBOX_PORTS.includes(source.path))),
      )
      return [
        ...matches(
          where,
          /\bDate\.now\(|\bnew Date\(\s*\)|\bDate\(\s*\)|\bMath\.random\b|(?<!\.)\brandom(Bytes|Int|UUID\w*|FillSync)\(|\bcrypto\.\w+\(|\bperformance\.now\b|(?<![.\w])fetch\(|\bset(Timeout|Interval|Immediate)\(/,
        ),
        ...forbidden(
          where,
          (_importer, { specifier, typeOnly }) => typeOnly || !/^node:(https?|net|tls|dns|timers)\b/.test(specifier),
        ),
      ]
    },
    planted: {
      'server/orders/service.ts': 'const now = new Date()',
      'server/payments/service.ts': 'const id = randomUUID()',
      'server/orders/jobs.ts': "import { setTimeout as sleep } from 'node:timers/promises'",
    },
  },
  {
    name: 'money is reckoned in shared/money.ts alone',
    rule: (all) => [
      ...matches(
        all
          .filter((source) => /^(shared|server|client|sandbox)\//.test(source.path) && !isTest(source))
          .filter(notMoney),
        /\/ ?100\b|\* ?100\b|\btoFixed\(|\bparseFloat\(|\bMath\.(round|floor|ceil|trunc)\([^)]*([aA]mount|[pP]rice|[fF]ee)\b/,
      ),
      ...matches(
        all.filter((source) => !isTest(source) && notMoney(source)),
        /\b\w*([aA]mount|[pP]rice|[sS]ubtotal|[dD]iscount|_total|\.total|captured_\w+|refunded_\w+)\b (\+|-|\*|\/|%) [\w(]|[\w)] (\*|\/|%) \w*(\.|\b)([aA]mount|[pP]rice|[sS]ubtotal)\b/,
      ),
    ],
    planted: {
      'server/checkout/pricing.ts': 'const rupees = total / 100',
      'server/payments/refunds.ts': 'const left = row.captured_amount - row.refunded_amount',
      'web/storefront/src/cart.tsx': 'const sum = line.price * line.quantity',
    },
  },
  {
    name: 'no any, no enum, no namespace',
    rule: (all) => [
      ...matches(
        all.filter((source) => !isTest(source)),
        /[:<|&(,]\s*any\b\s*([,;)>\]=|&]|\[\]|$)|\bas any\b/,
      ),
      ...matches(all, /^\s*(export\s+)?(declare\s+)?(const\s+)?enum\s+\w+\s*\{|^\s*(export\s+)?namespace\s+\w+/),
    ],
    planted: {
      'server/orders/service.ts': 'function a(b: any) {}',
      'server/orders/order.ts': 'export const enum Status { Pending }',
    },
  },
  {
    name: 'no test asks how fast something was: a busy machine is no defect',
    rule: (all) =>
      matches(
        all.filter((source) => source.path !== 'test/until.ts'),
        /\bassert\b[^\n]*\bperformance\.now\(\)[^\n]*</,
      ),
    planted: {
      'test/scenarios/races.test.ts': 'assert.ok(performance.now() - started < 5_000)',
    },
  },
  {
    name: 'nothing is left for later',
    rule: (all) => matches(all, LATER, 'text'),
    planted: { 'server/orders/service.ts': `// ${'TO'}${'DO'}: lock the order` },
  },
  {
    name: 'no file is named for nothing in particular',
    rule: (all) => all.map(({ path }) => path).filter((path) => NAMELESS.test(nameOf(path))),
    planted: { 'server/orders/helpers.ts': '' },
  },
]

/** The tables that a file's statements name. */
function touched({ text }: Source): { table: string; writes: boolean }[] {
  const statements = text.replaceAll(/^\s*(\*|\/\/|\/\*\*|--).*$/gm, '')
  return [...statements.matchAll(/\b(insert into|delete from|update|from|join)\s+(\w+)/gi)].map(([, verb, table]) => ({
    table: table ?? '',
    writes: /^(insert|delete|update)/i.test(verb ?? ''),
  }))
}

const LATER = new RegExp(`\\b(${['TO', 'FIX', 'XX'].map((word, at) => word + ['DO', 'ME', 'X'][at]).join('|')})\\b`)
const NAMELESS = /^(utils?|helpers?|common|types?|base|managers?|index|misc)\.tsx?$/
const SANDBOX_PORTS = ['sandbox/ports.ts', 'sandbox/simulated-ports.ts', 'sandbox/main.ts']

/** Where figures that are not money look like it. */
const NOT_MONEY = new Set([
  'shared/money.ts',
  // Tries per character drawn.
  'sandbox/identifiers.ts',
])
function notMoney({ path }: Source): boolean {
  return !NOT_MONEY.has(path)
}

const QUERIES = 1
const SERVICE = 2
const EDGE = 3

function rankOf(path: string): number {
  if (isPure(path)) return 0
  const name = nameOf(path)
  if (/(^|-)queries\.ts$/.test(name)) return QUERIES
  return /(^|-)(routes|jobs)\.ts$/.test(name) ? EDGE : SERVICE
}

/** Circles among imports that are there at run time, each told by its files. */
function circles(where: readonly Source[]): string[] {
  const graph = new Map(
    where.map(({ path, imports }) => [path, imports.flatMap((each) => (each.typeOnly ? [] : (each.file ?? [])))]),
  )
  const done = new Set<string>()
  const found: string[] = []
  const visit = (path: string, trail: readonly string[]): void => {
    if (trail.includes(path)) {
      found.push([...trail.slice(trail.indexOf(path)), path].join(' → '))
      return
    }
    if (done.has(path)) return
    for (const next of graph.get(path) ?? []) visit(next, [...trail, path])
    done.add(path)
  }
  for (const path of graph.keys()) visit(path, [])
  return found
}

describe('the house rules', () => {
  for (const { name, rule } of RULES) {
    test(name, () => assert.deepEqual(rule(sources), []))
  }
})

describe('a breach is seen', () => {
  for (const { name, rule, planted } of RULES) {
    test(name, () => {
      const files = Object.entries(planted).map(([path, text]) => parseSource(path, text))
      const named = rule(files).join('\n')
      for (const { path } of files)
        assert.ok(named.includes(nameOf(path)) || named.includes(sliceOf(path) ?? path), path)
    })
  }

  test('and all of the project is looked at', () => {
    for (const folder of ['shared', 'server', 'sandbox', 'client', 'web', 'test']) {
      assert.ok(
        sources.some(({ path }) => path.startsWith(`${folder}/`)),
        folder,
      )
    }
    assert.ok(sources.some(({ path }) => path === 'server/payments/settle.ts'))
  })
})

/** Indexes of a migration during whose making nobody could write, on tables that it has not made itself. */
function heldUp(migration: string): string[] {
  const statements = migration.replaceAll(/--.*$/gm, '')
  const own = [...statements.matchAll(/create (?:unlogged )?table (\w+)/gi)].map(([, table]) => table)
  return [...statements.matchAll(/create (?:unique )?index (?!concurrently)(\w+)\s+on (\w+)/gi)]
    .filter(([, , table]) => !own.includes(table))
    .map(([, name]) => name ?? '')
}

test('S6 a migration makes an index on a table that may be large concurrently', () => {
  const migrations = new URL('../migrations/', import.meta.url)
  // Before these no installation was large.
  const later = readdirSync(migrations).filter((name) => name >= '0017')
  assert.ok(later.length > 0)
  assert.deepEqual(
    later.flatMap((name) => heldUp(readFileSync(new URL(name, migrations), 'utf8'))),
    [],
  )
  const planted =
    'create table a (b int); create index a_b on a (b); create unique index c_d\n  on c (d); -- create index e on f (g)'
  assert.deepEqual(heldUp(planted), ['c_d'])
})

test('every table has an owner', () => {
  const migrations = new URL('../migrations/', import.meta.url)
  const made = readdirSync(migrations).flatMap((name) =>
    [...readFileSync(new URL(name, migrations), 'utf8').matchAll(/^\s*create (?:unlogged )?table (\w+)/gim)].map(
      ([, table]) => table ?? '',
    ),
  )
  assert.ok(made.length > 30)
  const owned = Object.values(OWNERS).flat()
  assert.deepEqual(
    made.filter((table) => !owned.includes(table)),
    [],
  )
  assert.equal(new Set(owned).size, owned.length)
})
