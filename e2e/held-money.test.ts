/**
 * Money that is here, or on its way, while its shopper looks at a page that does not know everything: held for a person,
 * paid while the session or the network ended, returned to another browser.
 */
import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import type { Browser, Page } from 'playwright-core'
import { DEMO_CUSTOMER, DEMO_PASSWORD } from '../server/demo/saat-dabbe.ts'
import { ADDRESS } from '../test/shop.ts'
import { assertBooksAgree } from './books.ts'
import { launchBrowser } from '../test/browser.ts'
import { placeOrder } from './placed-orders.ts'
import { startShop, type RunningShop } from './running-shop.ts'
import {
  fillAddress,
  goToCheckout,
  GUEST_EMAIL,
  orderAsGuest,
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
/** One, and one more after each wait of client/retry.ts. */
const VERIFY_TRIES = 9

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

async function stored(page: Page, key: string): Promise<string | null> {
  return page.evaluate<string | null>(`localStorage.getItem(${JSON.stringify(key)})`)
}

async function untilNothingStored(page: Page, key: string): Promise<void> {
  for (let tries = 0; (await stored(page, key)) !== null; tries++) {
    assert.ok(tries < 100, `${key} is still there`)
    await page.waitForTimeout(100)
  }
}

journey(
  'M1 money of another amount is held: nobody is asked to pay again, on no page',
  { size: 'phone' },
  running,
  async (visit) => {
    const { page } = visit
    visit.expectTrouble(
      /^answer: 409 POST .*\/api\/payments\/create$/,
      /^console: Failed to load resource.*payments\/create/,
    )
    const window = await orderAsGuest(page, PRODUCT)
    await window.play('short_capture')
    await untilTitle(page, 'We have your payment, and a person looks at it')
    await page.getByText('Do not pay again.').waitFor()
    assert.equal(await payButton(page).count(), 0)
    const orderId = orderIdOf(page)
    const orders = (await shop.providerOrders()).length

    await page.getByRole('link', { name: 'See the order' }).click()
    await untilTitle(page, 'We have your payment, and a person looks at it')
    await page.getByText('Held, a person looks at it').waitFor()
    assert.equal(await payButton(page).count(), 0)

    // The box still has its things. Pressing pay for the same again leads to the order that is there.
    await page.goto('/checkout')
    await fillAddress(page, GUEST_EMAIL)
    await payButton(page).click()
    await untilTitle(page, 'We have your payment, and a person looks at it')
    assert.equal(orderIdOf(page), orderId)
    assert.equal(await page.locator('dialog[data-sandbox-checkout]').count(), 0)
    assert.equal((await shop.providerOrders()).length, orders)

    await page.goto('/orders')
    await page.getByRole('link', { name: /A person looks at your payment/ }).waitFor()
  },
)

journey(
  'M9 C10 the session ends while the window is open: the claim is kept, and told once somebody has signed in again',
  { size: 'desktop' },
  running,
  async (visit) => {
    const { page } = visit
    visit.expectTrouble(/^answer: 401 /, /^console: Failed to load resource.*401/)
    await signIn(page, { email: DEMO_CUSTOMER.email, password: DEMO_PASSWORD })
    await putInBox(page, PRODUCT)
    await goToCheckout(page)
    await fillAddress(page)
    await payButton(page).click()
    const window = await PaymentWindow.opened(page)
    const orderId = orderIdOf(page)
    await visit.context.clearCookies()
    // No webhook: only what this browser holds can bring the news.
    await window.play('captured_webhook_lost')

    await untilTitle(page, 'Sign in to see your payment')
    assert.match(await page.title(), /^Sign in to see it, H-.* · Saat Dabbe$/)
    assert.notEqual(await stored(page, `hundi.claim.${orderId}`), null)
    assert.doesNotMatch(await page.getByRole('main').innerText(), /Next in/)

    await page.getByRole('main').getByRole('link', { name: 'Sign in' }).click()
    await page.getByLabel('E-mail').fill(DEMO_CUSTOMER.email)
    await page.getByLabel('Password').fill(DEMO_PASSWORD)
    await page.getByRole('button', { name: 'Sign in', exact: true }).click()
    await untilTitle(page, PAID)
    assert.equal(orderIdOf(page), orderId)
    assert.equal(await stored(page, `hundi.claim.${orderId}`), null)
  },
)

journey(
  'T5 no try to tell of a payment gets through: what proves it outlasts them all and a reload, and is then told',
  { size: 'phone' },
  running,
  async (visit) => {
    const { page } = visit
    const told: unknown[] = []
    page.on('request', (request) => {
      if (new URL(request.url()).pathname === '/api/payments/verify') told.push(request.postDataJSON())
    })
    const window = await orderAsGuest(page, PRODUCT)
    const orderId = orderIdOf(page)
    visit.expectTrouble(/^request: .*\/api\/.*ERR_CONNECTION_RESET/, /^console: Failed to load resource.*\/api\//)
    await page.route(
      (url) => url.pathname.startsWith('/api/'),
      (route) => route.abort('connectionreset'),
    )
    // No webhook: the shop hears of it from this browser, or when it asks by itself.
    await window.play('captured_webhook_lost')

    // A browser that says it is back on the network tries at once, so the minutes between the tries need no waiting.
    const givenUp = page.getByText('The shop could not be reached. Your payment is safe')
    while (!(await givenUp.isVisible())) {
      assert.ok(told.length <= VERIFY_TRIES)
      await page.evaluate(`window.dispatchEvent(new Event('online'))`)
      await page.waitForTimeout(20)
    }
    assert.equal(told.length, VERIFY_TRIES)
    await untilTitle(page, 'We are confirming your payment')
    assert.equal(await payButton(page).count(), 0)
    const claim: unknown = JSON.parse((await stored(page, `hundi.claim.${orderId}`)) ?? 'null')
    for (const one of told) assert.deepEqual(one, claim)

    await page.unrouteAll()
    const toldAgain = page.waitForResponse((answer) => new URL(answer.url()).pathname === '/api/payments/verify')
    await page.reload()
    assert.equal((await toldAgain).status(), 200)
    await untilTitle(page, PAID)
    assert.deepEqual(told.at(-1), claim)
    await untilNothingStored(page, `hundi.claim.${orderId}`)
  },
)

journey(
  'M10 a signed return in another browser: it is told that the payment is in, and nothing of the order',
  { size: 'phone' },
  running,
  async (visit) => {
    const { page } = visit
    visit.expectTrouble(/^answer: 401 GET .*\/api\/orders\//, /^console: Failed to load resource.*401/)
    const order = await placeOrder(shop, { slug: PRODUCT, email: GUEST_EMAIL })
    const paid = (await shop.control('POST', '/pay', {
      orderId: order.providerOrderId,
      outcome: 'captured',
    })) as Record<string, unknown>
    const fields = Object.entries(paid).filter(([, value]) => typeof value === 'string')
    // As a payment app's own browser does: a form of the provider's page, and none of our cookies.
    await page.setContent(
      `<form method="post" action="${shop.url}/api/payments/return/${order.id}">${fields
        .map(([name, value]) => `<input name="${name}" value="${String(value)}">`)
        .join('')}<button>Back to the shop</button></form>`,
    )
    await page.getByRole('button', { name: 'Back to the shop' }).click()
    await untilTitle(page, 'This payment is in')
    const words = await page.getByRole('main').innerText()
    assert.match(words, new RegExp(`Order ${order.number} is paid\\. You paid ₹294\\.00\\.`))
    assert.match(words, /open it in the browser in which it was ordered, or sign in as the one who ordered/)
    for (const secret of [ADDRESS.name, ADDRESS.line1, ADDRESS.city, GUEST_EMAIL, 'pepper']) {
      assert.ok(!words.toLowerCase().includes(secret.toLowerCase()), secret)
    }
    assert.equal(await payButton(page).count(), 0)
    await visit.settled()
  },
)

journey(
  'R13 the account does not take the guest’s box at first: it is shown, kept, and brought later',
  { size: 'desktop' },
  running,
  async (visit) => {
    const { page } = visit
    visit.expectTrouble(/PUT .*\/api\/cart .*ERR_CONNECTION_RESET/, /^console: Failed to load resource.*\/api\/cart/)
    await putInBox(page, PRODUCT)
    await page.route(
      (url) => url.pathname === '/api/cart',
      (route) => (route.request().method() === 'PUT' ? route.abort('connectionreset') : route.continue()),
    )
    await signIn(page, { email: DEMO_CUSTOMER.email, password: DEMO_PASSWORD })
    await page.getByRole('link', { name: /^Your box, \d+ things?$/ }).waitFor()
    await page.goto('/cart')
    await page.getByText('Tellicherry pepper').first().waitFor()
    assert.match((await stored(page, 'hundi.cart')) ?? '', /productId/)

    await page.unroute((url) => url.pathname === '/api/cart').catch(() => undefined)
    await page.unrouteAll()
    await page.reload()
    await page.getByText('Tellicherry pepper').first().waitFor()
    await untilNothingStored(page, 'hundi.cart')
    const phone = await Visit.open(browser, shop, { size: 'phone' })
    try {
      await signIn(phone.page, { email: DEMO_CUSTOMER.email, password: DEMO_PASSWORD })
      await phone.page.goto('/cart')
      await phone.page.getByText('Tellicherry pepper').first().waitFor()
      phone.assertQuiet()
    } finally {
      await phone.context.close()
    }
  },
)

test('after all of this, every rupee at the provider is in our books, once', async () => {
  assert.notDeepEqual(await shop.providerPayments(), [])
  await assertBooksAgree(shop)
})
