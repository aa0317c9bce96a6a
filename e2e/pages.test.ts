/**
 * Every page, loaded afresh at a desk and on a phone, in light and dark: it stands still while it loads, breaks no
 * content policy, logs no error, needs no scrolling to the side, and everything on it that is operated has a name.
 */
import assert from 'node:assert/strict'
import { after, before } from 'node:test'
import type { Browser, BrowserContextOptions, Page } from 'playwright-core'
import { launchBrowser } from '../test/browser.ts'
import { signInToPanel } from './operator.ts'
import {
  assertNamed,
  assertNoSidewaysScroll,
  assertOutline,
  assertScheme,
  assertStill,
  assertTouchable,
  LAYOUT_SHIFT_RECORDER,
} from './page-checks.ts'
import { placeOrder, type PlacedOrder } from './placed-orders.ts'
import { startShop, type RunningShop } from './running-shop.ts'
import { untilTitle } from './shopper.ts'
import { until } from '../test/until.ts'
import { journey, SIZES, Visit, type Size } from './visit.ts'

type Remembered = BrowserContextOptions['storageState']

/** The narrowest phones that are sold. */
const NARROW_PX = 360

let shop: RunningShop
let browser: Browser
let orders: {
  confirmed: PlacedOrder
  over: PlacedOrder
  waiting: PlacedOrder
  declined: PlacedOrder
  processing: PlacedOrder
}
let guest: Remembered
let admin: Remembered
/** Something on each of the engine room's pages: a question, a run, a webhook event. */
let question: string
let run: string
let event: string
const running = () => ({ shop, browser })

before(async () => {
  ;[shop, browser] = await Promise.all([startShop(), launchBrowser()])
  const buy = (slug: string, outcome?: string) =>
    placeOrder(shop, { slug, email: 'ananya@example.test', ...(outcome === undefined ? {} : { outcome }) })
  const decided = {
    confirmed: await buy('tellicherry-pepper', 'captured'),
    over: await buy('wayanad-turmeric', 'over_capture'),
    waiting: await buy('green-cardamom'),
    declined: await buy('ajrakh-stole-indigo', 'failed'),
  }
  await sendForgedWebhook()
  admin = await adminSession()
  ;({ question, run, event } = await prepareEngineRoom())
  // After everything that asks the provider: from here on it answers nothing.
  orders = { ...decided, processing: await placeProcessingOrder() }
  guest = await guestWithBox()
})
after(async () => {
  await browser?.close()
  await shop?.stop()
})

/** Its shopper came back with a signature, and nobody can learn from the provider whether that is money. */
async function placeProcessingOrder(): Promise<PlacedOrder> {
  await shop.control('POST', '/faults', { match: '^GET /v1/', kind: 'status', status: 503, times: 10_000 })
  return placeOrder(shop, {
    slug: 'kumaon-whole-leaf-tea',
    email: 'ananya@example.test',
    outcome: 'captured_webhook_lost',
  })
}

/** A browser in which these orders were placed, with two kinds of things in the box. */
async function guestWithBox(): Promise<Remembered> {
  const answer = await fetch(`${shop.url}/api/products?limit=2`)
  const { data } = (await answer.json()) as { data: { products: { id: string }[] } }
  const lines = data.products.map(({ id }, index) => ({ productId: id, quantity: index + 1 }))
  const tokens = Object.values(orders).map(({ id, guestToken }) => [id, guestToken])
  const localStorage = [
    { name: 'hundi.cart', value: JSON.stringify(lines) },
    { name: 'hundi.guest-orders', value: JSON.stringify(tokens) },
  ]
  return { cookies: [], origins: [{ origin: shop.url, localStorage }] }
}

async function adminSession(): Promise<Remembered> {
  const visit = await Visit.open(browser, shop, { size: 'desktop' })
  try {
    await signInToPanel(visit.page)
    return await visit.context.storageState()
  } finally {
    await visit.context.close()
  }
}

/** Somebody who knows the webhook's address and not its secret. */
async function sendForgedWebhook(): Promise<void> {
  const answer = await fetch(`${shop.url}/api/payments/webhook/razorpay`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', 'x-razorpay-signature': '0'.repeat(64) },
    body: JSON.stringify({ event: 'payment.captured', payload: {} }),
  })
  assert.equal(answer.status, 400)
}

/** Asks the API, as the panel would, for what its pages need to have something to show. */
async function prepareEngineRoom(): Promise<{ question: string; run: string; event: string }> {
  const visit = await Visit.open(browser, shop, { size: 'desktop', remembers: admin })
  try {
    const ask = async (path: string, body?: object) => {
      const options = { headers: { origin: shop.url } }
      const answer = await (body === undefined
        ? visit.page.request.get(path)
        : visit.page.request.post(path, { ...options, data: body }))
      assert.ok(answer.ok(), `${path} answered ${answer.status()}`)
      return ((await answer.json()) as { data: Record<string, unknown> }).data
    }
    await ask('/api/admin/checks', {})
    const { items } = (await ask('/api/admin/reviews')) as { items: { id: string }[] }
    const { events } = (await ask('/api/admin/webhooks')) as { events: { id: string }[] }
    const from = new Date(Date.now() - 86_400_000).toISOString()
    const started = (await ask('/api/admin/reconciliation/runs', { from })) as { run: { id: string } }
    await until('the run ends', async () => {
      const { run: now } = (await ask(`/api/admin/reconciliation/runs/${started.run.id}`)) as {
        run: { status: string }
      }
      return now.status !== 'running'
    })
    return { question: items[0]?.id ?? '', run: started.run.id, event: events[0]?.id ?? '' }
  } finally {
    await visit.context.close()
  }
}

interface PageCase {
  name: string
  path: () => string
  /** What its heading says once everything is there. */
  title: string | RegExp | (() => string)
  who?: () => Remembered
  /** Something that comes late and that the page is not whole without. */
  late?: string | RegExp
}

const PAGES: readonly PageCase[] = [
  { name: 'home', path: () => '/', title: /Seven tins/, late: 'Pahadi Rasoi' },
  { name: 'all products', path: () => '/products', title: 'Everything in the dabba', late: 'Tellicherry pepper' },
  { name: 'a kind of product', path: () => '/c/spices', title: 'Spices', late: 'Tellicherry pepper' },
  { name: 'a shop', path: () => '/shops/rann-karigar', title: 'Rann Karigar', late: 'Ajrakh' },
  { name: 'a search without finds', path: () => '/products?q=xylophone', title: /xylophone/ },
  {
    name: 'a product',
    path: () => '/p/brass-masala-dabba',
    title: 'Brass masala dabba, seven tins',
    late: 'From other tins',
  },
  { name: 'the box', path: () => '/cart', title: /^Three things from/, who: () => guest },
  { name: 'the empty box', path: () => '/cart', title: 'Your box is empty' },
  { name: 'checkout', path: () => '/checkout', title: 'Checkout', who: () => guest },
  { name: 'sign-in', path: () => '/sign-in', title: 'Sign in' },
  { name: 'my orders', path: () => '/orders', title: 'My orders', who: () => guest, late: /Confirmed/ },
  {
    name: 'a confirmed order',
    path: () => `/orders/${orders.confirmed.id}`,
    title: 'One shop is packing your box',
    who: () => guest,
    late: 'Order placed',
  },
  {
    name: 'an order that waits for its payment',
    path: () => `/orders/${orders.waiting.id}`,
    title: 'Waiting for your payment',
    who: () => guest,
    late: 'Order placed',
  },
  {
    name: 'the result of a payment that arrived',
    path: () => `/orders/${orders.confirmed.id}/result`,
    title: 'Paid. One shop is packing your box.',
    who: () => guest,
    late: 'Follow the order',
  },
  {
    name: 'the result of a payment that is being confirmed',
    path: () => `/orders/${orders.processing.id}/result`,
    title: 'We are confirming your payment',
    who: () => guest,
    late: 'You can close this page.',
  },
  {
    name: 'the result of a payment that was declined',
    path: () => `/orders/${orders.declined.id}/result`,
    title: /declined/,
    who: () => guest,
    late: 'See the order',
  },
  { name: "the panel's door", path: () => '/admin', title: 'Sign in to the panel' },
  { name: 'the dashboard', path: () => '/admin', title: 'Home', who: () => admin, late: 'Newest orders' },
  { name: "the panel's orders", path: () => '/admin/orders', title: 'Orders', who: () => admin, late: '5 orders' },
  {
    name: "the panel's page of an order",
    path: () => `/admin/orders/${orders.confirmed.id}`,
    title: () => orders.confirmed.number,
    who: () => admin,
    late: 'Ledger',
  },
  {
    name: 'the review queue with a question',
    path: () => '/admin/reviews',
    title: 'Review',
    who: () => admin,
    late: 'Amount differs',
  },
  {
    name: 'a question to decide',
    path: () => `/admin/reviews/${question}`,
    title: 'Razorpay captured ₹1.00 more than the order asks for',
    who: () => admin,
    late: 'Decide',
  },
  {
    name: 'answered questions, when there are none',
    path: () => '/admin/reviews?status=resolved',
    title: 'Review',
    who: () => admin,
    late: 'Nothing has been answered yet',
  },
  {
    name: 'reconciliation',
    path: () => '/admin/reconciliation',
    title: 'Reconciliation',
    who: () => admin,
    late: /^by /,
  },
  {
    name: 'a run of it',
    path: () => `/admin/reconciliation/${run}`,
    title: 'Both books agree',
    who: () => admin,
    late: 'Completed',
  },
  { name: 'the ledger', path: () => '/admin/ledger', title: 'Ledger', who: () => admin, late: 'Owed to others' },
  {
    name: 'a statement of an account',
    path: () => '/admin/ledger/statement?account=provider_clearing:razorpay:INR',
    title: 'At the provider: Razorpay',
    who: () => admin,
    late: 'Captured',
  },
  {
    name: 'the webhooks',
    path: () => '/admin/webhooks',
    title: 'Webhooks',
    who: () => admin,
    late: 'payment.captured',
  },
  {
    name: 'webhooks that were turned away',
    path: () => '/admin/webhooks/rejected',
    title: 'Webhooks',
    who: () => admin,
    late: 'False signature',
  },
  { name: 'a webhook', path: () => `/admin/webhooks/${event}`, title: /\./, who: () => admin, late: 'Headers' },
  { name: 'the checks', path: () => '/admin/checks', title: 'Checks', who: () => admin, late: 'hold' },
  { name: 'the alerts', path: () => '/admin/alerts', title: 'Alerts', who: () => admin, late: 'False signatures' },
  { name: 'the sandbox', path: () => shop.sandboxUrl, title: /./, late: 'Webhooks' },
]

for (const size of ['desktop', 'phone'] satisfies Size[]) {
  for (const { name, path, title, who, late } of PAGES) {
    const look = who === undefined ? { size } : { size, remembers: who }
    journey(`the page stands: ${name}`, look, running, async (visit) => {
      const { page } = visit
      await page.addInitScript(LAYOUT_SHIFT_RECORDER)
      await page.goto(path())
      await untilTitle(page, typeof title === 'function' ? title() : title)
      if (late !== undefined) await page.getByText(late).filter({ visible: true }).first().waitFor()
      await visit.settled()

      await assertStill(page)
      await assertOutline(page)
      await assertNamed(page)
      await assertScheme(page, 'light')
      await assertFits(page, size)
      await page.emulateMedia({ colorScheme: 'dark' })
      await assertScheme(page, 'dark')
    })
  }
}

async function assertFits(page: Page, size: Size): Promise<void> {
  await assertNoSidewaysScroll(page, SIZES[size].width)
  if (size !== 'phone') return
  await assertTouchable(page)
  await page.setViewportSize({ width: NARROW_PX, height: SIZES.phone.height })
  await assertNoSidewaysScroll(page, NARROW_PX)
}
