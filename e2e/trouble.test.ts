/**
 * Purchases in which something goes wrong between browser, shop and provider. In all of them the shopper is told the
 * truth, pays once, and ends with a confirmed order.
 */
import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import type { Browser, Page } from 'playwright-core'
import { DEMO_ADMIN, DEMO_CUSTOMER, DEMO_PASSWORD } from '../server/demo/saat-dabbe.ts'
import { send, type CallOptions } from '../test/shop.ts'
import { assertBooksAgree } from './books.ts'
import { launchBrowser } from '../test/browser.ts'
import { placeOrder } from './placed-orders.ts'
import { startShop, type RunningShop } from './running-shop.ts'
import {
  fillAddress,
  goToCheckout,
  orderAsGuest,
  orderBox,
  orderIdOf,
  payButton,
  PaymentWindow,
  putInBox,
  signIn,
  untilTitle,
} from './shopper.ts'
import { journey, Visit } from './visit.ts'

const PRODUCT = 'tellicherry-pepper'
const PAID = 'Paid. One shop is packing your box.'

let shop: RunningShop
let browser: Browser
const running = () => ({ shop, browser })

before(async () => {
  ;[shop, browser] = await Promise.all([startShop(), launchBrowser()])
})
after(async () => {
  await browser?.close()
  await shop?.stop()
})

/** The newest order at the provider: that of the journey that is under way. */
async function newestProviderOrder(): Promise<string> {
  const [newest] = await shop.providerOrders()
  assert.ok(newest)
  return newest.id
}

/** Counts what the page asks of the server. */
function countCalls(page: Page, path: string): () => number {
  let count = 0
  page.on('request', (request) => {
    if (request.method() === 'POST' && new URL(request.url()).pathname === path) count += 1
  })
  return () => count
}

journey('C7 a tab that is closed in the middle of paying loses nothing', { size: 'phone' }, running, async (visit) => {
  const verifies = countCalls(visit.page, '/api/payments/verify')
  const window = await orderAsGuest(visit.page, PRODUCT)
  const orderId = orderIdOf(visit.page)
  const paid = visit.page.waitForResponse((response) => response.url().endsWith('/razorpay/checkout/pay'))
  await window.play('captured')
  await paid
  const page = await visit.newTab()
  assert.equal(verifies(), 0)

  await page.goto('/orders')
  await page.getByRole('link', { name: /Confirmed/ }).click()
  await untilTitle(page, 'One shop is packing your box')
  assert.equal(orderIdOf(page), orderId)
  await page.goto(`/orders/${orderId}/result`)
  await untilTitle(page, PAID)
  assert.equal(verifies(), 0)
})

journey(
  'a verify that does not get through is tried again, and the page says that the money is safe',
  { size: 'phone' },
  running,
  async (visit) => {
    const { page } = visit
    const verifies = countCalls(page, '/api/payments/verify')
    await page.route('**/api/payments/verify', (route) => route.abort('connectionreset'), { times: 1 })
    visit.expectTrouble(/payments\/verify.*ERR_CONNECTION_RESET/, /^console: Failed to load resource.*payments\/verify/)
    const window = await orderAsGuest(page, PRODUCT)
    // No webhook either: nothing but the second verify can bring the news.
    await window.play('captured_webhook_lost')

    await untilTitle(page, 'We are confirming your payment')
    await page.getByText(/^No network\. Your payment is safe\. Trying again in /).waitFor()
    await untilTitle(page, PAID)
    assert.equal(verifies(), 2)
    assert.deepEqual(
      (await shop.providerPayments(await newestProviderOrder())).map(({ status }) => status),
      ['captured'],
    )
  },
)

journey(
  'a provider that does not answer leaves the page confirming until the shop has asked again',
  { size: 'desktop' },
  running,
  async (visit) => {
    const { page } = visit
    // Both tries of verify find the provider out of order, and its webhook comes too late to matter.
    await shop.control('POST', '/faults', { match: '^GET /v1/payments/', kind: 'status', status: 503, times: 2 })
    const window = await orderAsGuest(page, PRODUCT)
    await window.play('captured_webhook_late')

    await untilTitle(page, 'We are confirming your payment')
    await page.getByText('You can close this page.').waitFor()
    await page.getByText('Do not pay again.').waitFor()
    assert.equal(await payButton(page).count(), 0)
    await untilTitle(page, PAID)
    assert.equal(await page.title(), `Paid, ${await orderNumber(page)} · Saat Dabbe`)
  },
)

journey(
  'M6 a bank that has not answered when the window is left: the provider is asked first, and paying again is second',
  { size: 'phone' },
  running,
  async ({ page }) => {
    const window = await orderAsGuest(page, PRODUCT)
    await window.play('pending')
    await untilTitle(page, 'One moment, we are asking about your payment')
    assert.equal(await payButton(page).count(), 0)
    await untilTitle(page, 'Your bank has not answered yet')
    // The bank may still say yes, so the page must not say that nothing was charged.
    assert.doesNotMatch(await page.getByRole('main').innerText(), /nothing was charged\./i)
    await page.getByText('If it does, your order is confirmed by itself. It waits until').waitFor()
    const offered = await page.getByRole('main').getByRole('button').allInnerTexts()
    assert.match(offered[0] ?? '', /^Ask Razorpay again$/)
    assert.match(offered[1] ?? '', /^Pay/)

    const [waiting] = await shop.providerPayments(await newestProviderOrder())
    assert.equal(waiting?.status, 'created')
    await shop.control('POST', `/payments/${waiting.id}/advance`, { to: 'captured' })
    await untilTitle(page, PAID)
  },
)

journey('W7 a payment that nobody told of is found by asking', { size: 'desktop' }, running, async ({ page }) => {
  const window = await orderAsGuest(page, PRODUCT)
  await window.play('captured_handler_lost')
  // The webhook comes; the open page learns of it without being touched, and does not offer to pay a second time.
  await untilTitle(page, PAID)
  assert.equal(await payButton(page).count(), 0)
})

journey(
  'a forged success is not believed, and the order can still be paid',
  { size: 'desktop' },
  running,
  async (visit) => {
    const { page } = visit
    visit.expectTrouble(/^answer: 400 POST .*\/payments\/verify/, /^console: Failed to load resource.*payments\/verify/)
    const window = await orderAsGuest(page, PRODUCT)
    await window.play('forged_page')
    // The provider has been asked instead, and knows of no payment.
    await untilTitle(page, 'This order waits for your payment')
    await page.goto('/orders')
    await page.getByRole('link', { name: /Awaiting payment/ }).click()
    await untilTitle(page, 'Waiting for your payment')
    assert.deepEqual(await shop.providerPayments(await newestProviderOrder()), [])
  },
)

journey('C1 an order whose answer is lost on the way is placed once', { size: 'phone' }, running, async (visit) => {
  const { page } = visit
  const before = (await shop.providerOrders()).length
  const asked = countCalls(page, '/api/orders')
  await page.route(
    (url) => url.pathname === '/api/orders',
    async (route) => {
      // The shop has the order; only its shopper does not know.
      await route.fetch()
      await route.abort('connectionreset')
    },
    { times: 1 },
  )
  visit.expectTrouble(/api\/orders .*ERR_CONNECTION_RESET/, /^console: Failed to load resource.*api\/orders/)
  const window = await orderAsGuest(page, PRODUCT)
  assert.equal(asked(), 2)
  await window.play('captured')
  await untilTitle(page, PAID)
  assert.equal((await shop.providerOrders()).length, before + 1)
})

journey(
  'an order whose payment cannot be opened waits, and is paid when the provider is back',
  { size: 'desktop' },
  running,
  async (visit) => {
    const { page } = visit
    visit.expectTrouble(
      /^answer: 502 POST .*\/api\/(orders|payments\/create)$/,
      /^console: Failed to load resource.*\/api\/(orders|payments\/create)/,
    )
    // Once for the order, once for the page that asks for the payment again.
    await shop.control('POST', '/faults', { match: '^POST /v1/orders', kind: 'status', status: 503, times: 2 })
    await putInBox(page, PRODUCT)
    await goToCheckout(page)
    await fillAddress(page, 'ananya@example.test')
    await payButton(page).click()
    await untilTitle(page, 'The payment window did not open')
    await page.getByText('The provider did not answer. Nothing was charged.').waitFor()

    await payButton(page).click()
    const window = await PaymentWindow.opened(page)
    assert.equal(await window.amount(), '₹294.00')
    await window.play('captured')
    await untilTitle(page, PAID)
    const remembered = await page.evaluate<string>(`localStorage.getItem('hundi.guest-orders')`)
    const [[, token]] = JSON.parse(remembered) as [[string, string]]
    assert.ok(!shop.logged().some((line) => line.includes(token)), 'the guest’s token is in no log')
  },
)

journey('who comes too late for the last one is told before paying', { size: 'desktop' }, running, async (visit) => {
  const { page } = visit
  visit.expectTrouble(/^answer: 409 POST .*api\/orders$/, /^console: Failed to load resource.*api\/orders/)
  await putInBox(page, 'wild-forest-honey')
  await goToCheckout(page)
  await fillAddress(page, 'ananya@example.test')
  // Two jars were left. Others take them while this shopper fills in the form.
  for (const email of ['first@example.test', 'second@example.test']) {
    await placeOrder(shop, { slug: 'wild-forest-honey', email, outcome: 'captured' })
  }
  const before = (await shop.providerOrders()).length
  await payButton(page).click()
  const alert = page.getByRole('alert')
  await alert.getByText('Nothing was ordered').waitFor()
  await alert.getByText('Wild forest honey, 400 g is sold out.').waitFor()
  assert.equal((await shop.providerOrders()).length, before)
  assert.equal(await payButton(page).isDisabled(), true)

  await alert.getByRole('link', { name: 'Change the box' }).click()
  await page.getByRole('button', { name: 'Take Wild forest honey out' }).first().click()
  await untilTitle(page, 'Your box is empty')
})

journey(
  'R7 what left the shelf is named beside the price, and taken out with one press',
  { size: 'phone' },
  running,
  async (visit) => {
    const { page } = visit
    visit.expectTrouble(/^answer: 409 POST .*api\/orders$/, /^console: Failed to load resource.*api\/orders/)
    await putInBox(page, 'green-cardamom')
    await putInBox(page, PRODUCT)
    await goToCheckout(page)
    await fillAddress(page, 'ananya@example.test')
    await onTheShelf('green-cardamom', false)
    const before = (await shop.providerOrders()).length
    try {
      await payButton(page).click()
      const alert = page.getByRole('alert')
      await alert.getByText('Nothing was ordered').waitFor()
      await alert.getByText(/^Green cardamom.* is no longer sold\./).waitFor()
      assert.equal((await shop.providerOrders()).length, before)

      await page.goto('/cart')
      await page.getByText(/^Green cardamom.* is no longer sold\./).waitFor()
      await page.getByRole('button', { name: 'Take it out', exact: true }).click()
      await page.getByRole('heading', { level: 1, name: 'One thing from one shop' }).waitFor()
      await orderBox(page)
      assert.equal(await payButton(page).isDisabled(), false)
    } finally {
      await onTheShelf('green-cardamom', true)
    }
  },
)

/** Takes a product off the shelf, or puts it back, as an admin of the demo shop. */
async function onTheShelf(slug: string, active: boolean): Promise<void> {
  const ask = async (method: string, path: string, options: CallOptions) => {
    const answer = await send(shop.url, method, path, options)
    assert.equal(answer.status, 200, path)
    return answer.body
  }
  const login = { body: { email: DEMO_ADMIN.email, password: DEMO_PASSWORD } }
  const as = { authorization: `Bearer ${(await ask('POST', '/api/auth/sign-in/email', login)).token}` }
  const { data } = await ask('GET', '/api/admin/products?limit=100', { as })
  const { id } = data.products.find((product: { slug: string }) => product.slug === slug)
  await ask('PATCH', `/api/admin/products/${id}`, { as, body: { active } })
}

journey(
  'a customer finds box and order again on every device',
  { size: 'desktop' },
  running,
  async ({ page }, { url }) => {
    await signIn(page, { email: DEMO_CUSTOMER.email, password: DEMO_PASSWORD })
    await page.getByRole('link', { name: `Your account, ${DEMO_CUSTOMER.name}` }).waitFor()
    await putInBox(page, 'green-cardamom')
    await page.getByRole('link', { name: 'Your box, 1 thing' }).waitFor()
    await page.reload()
    await page.getByRole('link', { name: 'Your box, 1 thing' }).waitFor()

    const phone = await Visit.open(browser, shop, { size: 'phone' })
    try {
      await signIn(phone.page, { email: DEMO_CUSTOMER.email, password: DEMO_PASSWORD })
      await phone.page.getByRole('link', { name: 'Your box, 1 thing' }).click()
      await phone.page.getByText('Green cardamom').first().waitFor()

      await page.getByRole('link', { name: 'Your box, 1 thing' }).click()
      await orderBox(page)
      await page.getByText(`Signed in as ${DEMO_CUSTOMER.name}.`).waitFor()
      assert.equal(await page.getByLabel('E-mail').count(), 0)
      await fillAddress(page)
      await payButton(page).click()
      const window = await PaymentWindow.opened(page)
      await window.play('captured')
      await untilTitle(page, PAID)
      const number = await orderNumber(page)
      await page.goto(`${url}/orders`)
      await page.getByRole('link', { name: new RegExp(`${number}.*Confirmed`) }).waitFor()

      await phone.page.goto('/orders')
      await phone.page.getByRole('link', { name: new RegExp(`${number}.*Confirmed`) }).waitFor()
      await phone.page.goto('/cart')
      await untilTitle(phone.page, 'Your box is empty')
      phone.assertQuiet()
    } finally {
      await phone.context.close()
    }
  },
)

journey(
  'what is put in before the box has come does not replace the box',
  { size: 'desktop' },
  running,
  async ({ page }) => {
    await signIn(page, { email: DEMO_CUSTOMER.email, password: DEMO_PASSWORD })
    const isKept = () =>
      page.waitForResponse((answer) => answer.request().method() === 'PUT' && answer.url().endsWith('/api/cart'))
    const first = isKept()
    await putInBox(page, 'stone-ground-ragi')
    await first

    const asked = Promise.withResolvers<void>()
    const mayAnswer = Promise.withResolvers<void>()
    await page.route(
      (url) => url.pathname === '/api/cart',
      async (route) => {
        asked.resolve()
        await mayAnswer.promise
        await route.continue()
      },
      { times: 1 },
    )
    await page.goto('/p/sugarcane-jaggery')
    await asked.promise
    const second = isKept()
    await page.getByRole('button', { name: 'Add to box' }).click()
    mayAnswer.resolve()
    await second
    await page.getByRole('link', { name: 'Your box, 2 things' }).waitFor()
    await page.goto('/cart')
    await page.getByRole('heading', { level: 1, name: 'Two things from one shop' }).waitFor()
  },
)

test('after all of this, every rupee at the provider is in our books, once', async () => {
  assert.notDeepEqual(await shop.providerPayments(), [])
  await assertBooksAgree(shop)
})

/** The number of the order whose result is shown. */
async function orderNumber(page: Page): Promise<string> {
  const number = /\bH-[0-9A-Z]{4}-[0-9A-Z]{4}\b/.exec(await page.getByRole('main').innerText())?.[0]
  assert.ok(number, 'the page shows the number of its order')
  return number
}
