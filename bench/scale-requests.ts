/** What people and programs ask for, over HTTP, of a server on the filled database; and what its background passes take. */
import { evaluateAlerts } from '../server/operations/alerts.ts'
import { sql, type Db } from '../server/platform/database.ts'
import { emailOf, nameOf } from '../test/order-copies.ts'
import { openShop, type Shop } from '../test/shop.ts'

/** Each request is sent so often; the first few warm plans and caches up and do not count. */
const ROUNDS = 60
const WARM_UP = 6

interface Sample {
  id: string
  number: string
  user_id: string | null
  email: string | null
  provider_payment_id: string | null
}

/** @param print gets one line per request and pass */
export async function measureRequests(url: string, print: (line: string) => void): Promise<void> {
  const shop = await openShop({ database: { url, drop: async () => {} }, webhooks: false })
  try {
    const admin = await shop.signedIn({ role: 'admin', email: 'bench-admin@mail.test' })
    const samples = await orders(shop.db)
    const at = (round: number) => samples[round % samples.length] as Sample
    const customers = await Promise.all(
      samples
        .flatMap((order) => order.user_id ?? [])
        .slice(0, 20)
        .map((id) => customer(shop, id)),
    )
    const { shop_id: shopId } = await shop.db.one<{ shop_id: string }>(
      'scale.shop',
      sql`select shop_id from shop_orders order by id desc limit 1`,
    )
    const seller = await shop.signedIn({ role: 'seller', shopId, email: 'bench-seller@mail.test' })

    const all = '/api/orders/admin/all?limit=25'
    const asAdmin: [name: string, path: (round: number) => string][] = [
      ['admin list, first page', () => all],
      ['  page 100', () => `${all}&page=100`],
      ['  to be shipped', () => `${all}&status=confirmed`],
      ['  cancelled and refunded', () => `${all}&status=cancelled&paymentStatus=refunded`],
      ['  of a month half a year ago', () => `${all}&from=${daysAgo(210)}&to=${daysAgo(180)}`],
      ['  searched: number', (round) => `${all}&search=${at(round).number}`],
      ['  searched: name', (round) => `${all}&search=${encodeURIComponent(nameOf(round * 37))}`],
      ['  searched: e-mail', (round) => `${all}&search=${encodeURIComponent(emailOf(round * 37))}`],
      ['  searched: payment', (round) => `${all}&search=${at(round).provider_payment_id}`],
      ['  searched: a word of all orders', () => `${all}&search=Pune`],
      ['  searched: nothing has it', () => `${all}&search=zzzzzz`],
      ['dashboard', () => '/api/orders/admin/dashboard-stats'],
      ['order page', (round) => `/api/orders/${at(round).id}`],
      ['order story', (round) => `/api/admin/orders/${at(round).id}/story`],
      ['review queue', () => '/api/admin/reviews?limit=25'],
      ['webhooks', () => '/api/admin/webhooks?limit=25'],
      ['webhooks of a type', () => '/api/admin/webhooks?limit=25&type=refund.processed'],
      ['ledger accounts', () => '/api/admin/ledger/accounts'],
      ['ledger of an order', (round) => `/api/admin/ledger/transfers?orderId=${at(round).id}`],
      ['people', () => '/api/admin/users?limit=25'],
    ]
    print('    p50      p95  ms')
    for (const [name, path] of asAdmin) print(line(name, await measure(shop, path, () => admin)))
    const own = '/api/orders/user/my-orders'
    print(
      line(
        'my orders',
        await measure(
          shop,
          () => own,
          (round) => customers[round % customers.length],
        ),
      ),
    )
    print(
      line(
        "a seller's orders",
        await measure(
          shop,
          () => '/api/seller/orders?limit=25',
          () => seller,
        ),
      ),
    )
    await measurePasses(shop, print)
  } finally {
    await shop.close()
  }
}

function daysAgo(days: number): string {
  return new Date(Date.now() - days * 86_400_000).toISOString().slice(0, 10)
}

/** Orders of all times. */
async function orders(db: Db): Promise<Sample[]> {
  return db.many<Sample>(
    'scale.samples',
    sql`with span as (select min(created_at) as first, max(created_at) - min(created_at) as long from orders)
        select o.id, o.number, o.user_id, o.email, a.provider_payment_id
        from generate_series(0, 59) n cross join span cross join lateral (
          select * from orders where created_at >= first + long * n / 60.0 order by created_at limit 1
        ) o left join lateral (select provider_payment_id from payment_attempts where order_id = o.id limit 1) a on true`,
  )
}

async function customer(shop: Shop, userId: string): Promise<{ authorization: string }> {
  const { email, name } = await shop.db.one<{ email: string; name: string }>(
    'scale.customer',
    sql`select email, name from users where id = ${userId}`,
  )
  return shop.signedIn({ role: 'customer', email, name })
}

async function measure(
  shop: Shop,
  path: (round: number) => string,
  as: (round: number) => { authorization: string } | undefined,
): Promise<number[]> {
  const times: number[] = []
  for (let round = 0; round < ROUNDS + WARM_UP; round += 1) {
    const who = as(round)
    const startedMs = performance.now()
    const answer = await shop.call('GET', path(round), who === undefined ? {} : { as: who })
    const tookMs = performance.now() - startedMs
    if (answer.status !== 200) throw new Error(`${path(round)}: ${answer.status} ${JSON.stringify(answer.body)}`)
    if (round >= WARM_UP) times.push(tookMs)
  }
  return times
}

/** Every pass as it is when nothing is due; and what is asked for alerts and for figures. */
async function measurePasses(shop: Shop, print: (line: string) => void): Promise<void> {
  const { clock } = shop.deps.ports
  let ahead = 0
  // Figures are kept for some seconds, of which each reading is the first.
  shop.deps.ports.clock = { ...clock, monotonicMs: () => clock.monotonicMs() + ahead }
  const figures = async () => {
    ahead += 60_000
    await shop.call('GET', '/metrics')
  }
  const work: [name: string, run: () => Promise<unknown>][] = [
    ...shop.passes.map((pass): [string, () => Promise<unknown>] => [`pass ${pass.name}`, () => pass.runOnce()]),
    ['alert rules', () => evaluateAlerts(shop.deps)],
    ['figures for /metrics', figures],
  ]
  for (const [name, run] of work) {
    const times: number[] = []
    for (let round = 0; round < ROUNDS + WARM_UP; round += 1) {
      const startedMs = performance.now()
      await run()
      if (round >= WARM_UP) times.push(performance.now() - startedMs)
    }
    print(line(name, times))
  }
}

function line(name: string, times: readonly number[]): string {
  const sorted = times.toSorted((a, b) => a - b)
  const [p50 = 0, p95 = 0] = [0.5, 0.95].map((share) => sorted[Math.floor((sorted.length - 1) * share)])
  return `${p50.toFixed(1).padStart(7)} ${p95.toFixed(1).padStart(8)}  ${name}`
}
