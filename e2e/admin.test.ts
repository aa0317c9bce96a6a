/** The panel: who gets in, what the figures say, finding an order, reading its story, and sending it off. */
import assert from 'node:assert/strict'
import { after, before } from 'node:test'
import type { Browser, Locator, Page } from 'playwright-core'
import { DEMO_ADMIN, DEMO_CUSTOMER, DEMO_PASSWORD } from '../server/demo/saat-dabbe.ts'
import { launchBrowser } from '../test/browser.ts'
import { signInToPanel } from './operator.ts'
import { placeOrder, type PlacedOrder } from './placed-orders.ts'
import { startShop, type RunningShop } from './running-shop.ts'
import { signIn, untilTitle } from './shopper.ts'
import { journey, type Size } from './visit.ts'

let shop: RunningShop
let browser: Browser
/** Two paid for ₹294.00 and ₹1,850.00, one declined, one nobody has tried to pay. */
let orders: { paid: PlacedOrder; second: PlacedOrder; declined: PlacedOrder; open: PlacedOrder }
const running = () => ({ shop, browser })

before(async () => {
  ;[shop, browser] = await Promise.all([startShop(), launchBrowser()])
  const buy = (slug: string, name: string, outcome?: string) =>
    placeOrder(shop, {
      slug,
      name,
      email: `${name.split(' ')[0]?.toLowerCase()}@example.test`,
      ...(outcome === undefined ? {} : { outcome }),
    })
  orders = {
    paid: await buy('tellicherry-pepper', 'Ananya Deshpande', 'captured'),
    second: await buy('ajrakh-stole-indigo', 'Farhan Siddiqui', 'captured'),
    declined: await buy('green-cardamom', 'Meera Nair', 'failed'),
    open: await buy('green-cardamom', 'Tenzin Dolma'),
  }
})
after(async () => {
  await browser?.close()
  await shop?.stop()
})

/** The rows of the orders table, newest first, by their numbers. */
async function numbersIn(table: Locator): Promise<string[]> {
  return (await table.locator('tbody a[data-row]').allTextContents()).map((text) => text.trim())
}

function ordersTable(page: Page): Locator {
  return page.getByRole('table', { name: 'Orders', exact: true })
}

async function untilCount(page: Page, words: string): Promise<void> {
  await page.getByRole('main').getByText(words, { exact: true }).waitFor()
}

journey('a wrong password is refused, the right one opens the panel', { size: 'phone' }, running, async (visit) => {
  const { page } = visit
  visit.expectTrouble(/^answer: 401 POST .*sign-in\/email/, /^console: Failed to load resource.*sign-in\/email/)
  await page.goto('/admin')
  await page.getByLabel('E-mail').fill(DEMO_ADMIN.email)
  await page.getByLabel('Password').fill('not the password')
  await page.getByRole('button', { name: 'Sign in' }).click()
  await page.getByRole('alert').getByText('E-mail and password do not belong together.').waitFor()
  await page.getByLabel('Password').fill(DEMO_PASSWORD)
  await page.getByRole('button', { name: 'Sign in' }).click()
  await untilTitle(page, 'Home')
})

journey('a customer is told that the panel is not for them', { size: 'desktop' }, running, async (visit) => {
  const { page } = visit
  const asked: string[] = []
  page.on('request', (request) => {
    if (new URL(request.url()).pathname.includes('/admin/')) asked.push(request.url())
  })
  await signIn(page, { email: DEMO_CUSTOMER.email, password: DEMO_PASSWORD })
  await page.goto(`/admin/orders/${orders.paid.id}`)
  await untilTitle(page, 'This panel is for admins')
  await page.getByText(`You are signed in as ${DEMO_CUSTOMER.name} (${DEMO_CUSTOMER.email})`).waitFor()
  assert.equal(await page.getByText(orders.paid.number).count(), 0)
  // Not the page alone decides: the server refuses the same person.
  const answer = await page.request.get('/api/orders/admin/all')
  assert.equal(answer.status(), 403)
  assert.deepEqual(
    asked.filter((url) => url.includes('/api/')),
    [],
  )
})

for (const size of ['desktop', 'phone'] satisfies Size[]) {
  journey('the dashboard says what came in and what waits', { size }, running, async ({ page }) => {
    await signInToPanel(page)
    const revenue = page.getByRole('region', { name: 'Revenue' })
    await revenue.getByText('₹2,144.00').first().waitFor()
    assert.match(await revenue.innerText(), /₹2,144\.00 since the beginning\./)
    const figure = (name: string) => page.getByRole('definition').and(page.locator(`dt:text-is("${name}") + dd`))
    assert.match(await figure('Orders paid, these days').innerText(), /^2\b/)
    assert.match(await figure('Average order').innerText(), /^₹1,072\.00/)
    assert.match(await figure('Payments that succeed').innerText(), /^66\.7 %[^]*1 failed/)
    assert.match(await figure('Taken back').innerText(), /^₹0\.00/)
    await page.getByRole('link', { name: /^2 orders to ship/ }).waitFor()
    await page.getByRole('link', { name: /^2 orders not paid yet/ }).waitFor()
    const newest = page.getByRole('table', { name: 'Newest orders' })
    assert.deepEqual(await numbersIn(newest), [
      orders.open.number,
      orders.declined.number,
      orders.second.number,
      orders.paid.number,
    ])
  })

  journey('orders are narrowed by state, payment and search', { size }, running, async ({ page }) => {
    await signInToPanel(page)
    await page.goto('/admin/orders')
    await untilCount(page, '4 orders')
    await page.getByRole('link', { name: /^To ship 2/ }).click()
    await untilCount(page, '2 orders')
    assert.deepEqual(await numbersIn(ordersTable(page)), [orders.second.number, orders.paid.number])

    await page.getByRole('link', { name: /^All 4/ }).click()
    await untilCount(page, '4 orders')
    await page.getByLabel('Payment status').selectOption({ label: 'Failed' })
    await untilCount(page, '1 order')
    assert.deepEqual(await numbersIn(ordersTable(page)), [orders.declined.number])
    await page.getByLabel('Payment status').selectOption({ label: 'Any payment' })
    await untilCount(page, '4 orders')

    for (const [typed, found] of [
      ['Farhan', orders.second],
      [orders.paid.number, orders.paid],
      ['tenzin@example.test', orders.open],
      [(await shop.providerPayments(orders.paid.providerOrderId))[0]?.id ?? '', orders.paid],
    ] as const) {
      if (size === 'phone') await page.getByRole('button', { name: 'Find an order' }).click()
      const search = page.getByRole('searchbox')
      await search.fill(typed)
      await search.press('Enter')
      await untilCount(page, '1 order')
      await page.getByRole('link', { name: found.number, exact: true }).waitFor()
      await page.getByRole('button', { name: `“${typed}”` }).click()
      await untilCount(page, '4 orders')
    }

    await page.goto('/admin/orders?search=nobody-of-this-name')
    await page.getByRole('heading', { name: 'No order fits' }).waitFor()
    await page.getByRole('link', { name: 'Drop “nobody-of-this-name”' }).click()
    await untilCount(page, '4 orders')
  })
}

journey('an order tells its story and where every rupee is', { size: 'desktop' }, running, async ({ page }) => {
  await signInToPanel(page)
  await page.goto('/admin/orders')
  await page.getByRole('link', { name: orders.paid.number, exact: true }).click()
  await untilTitle(page, orders.paid.number)
  await page.getByRole('img', { name: 'Of ₹294.00 captured: ₹294.00 kept' }).waitFor()

  const story = page.getByRole('region', { name: 'What happened' })
  const steps = async () =>
    (await story.getByRole('listitem').allInnerTexts()).map((text) => text.replaceAll('\n', ' '))
  const placed = /Shopper to Hundi: Order placed ₹294\.00/
  const captured = /Razorpay to Hundi: Razorpay says captured \+₹294\.00/
  const everything = await steps()
  assert.match(everything[0] ?? '', placed)
  assert.equal(everything.filter((text) => captured.test(text)).length, 1, 'the money is counted once')
  assert.equal(everything.filter((text) => /Order confirmed/.test(text)).length, 1)
  await story.getByRole('button', { name: 'Money only' }).click()
  const money = await steps()
  assert.ok(money.length < everything.length)
  assert.equal(money.filter((text) => captured.test(text)).length, 1)

  const [payment] = await shop.providerPayments(orders.paid.providerOrderId)
  const attempts = page.getByRole('table', { name: 'Attempts at Razorpay' })
  assert.match(
    await attempts.getByRole('row').nth(1).innerText(),
    new RegExp(`${payment?.id}[^]*Captured[^]*₹294\\.00`),
  )
  const ledger = await page.locator('table.ledger tbody tr').allInnerTexts()
  assert.deepEqual(
    ledger.map((row) => row.replaceAll(/\s+/g, ' ').replace(/^\S+ /, '').trim()),
    [
      'Captured At the provider: Razorpay Held for orders ₹294.00',
      'Sold Held for orders Shops: Malabar Pepper House ₹220.50',
      'Our commission Held for orders Commission ₹24.50',
      'Delivery fee Held for orders Delivery fees: Malabar Pepper House ₹49.00',
    ],
  )
})

journey('an order is sent off, and its shopper sees it', { size: 'phone' }, running, async (visit) => {
  const { page } = visit
  await signInToPanel(page)
  await page.goto(`/admin/orders/${orders.second.id}`)
  await page.getByRole('button', { name: 'Mark shipped…' }).click()
  const dialog = page.getByRole('dialog', { name: `Has ${orders.second.number} been shipped?` })
  await dialog.getByText('No money moves.').waitFor()
  await dialog.getByRole('button', { name: 'Not yet' }).click()
  await dialog.waitFor({ state: 'hidden' })
  await page.getByRole('button', { name: 'Mark shipped…' }).click()
  await dialog.getByRole('button', { name: 'Mark shipped' }).click()
  await page.getByText(`${orders.second.number} is shipped`).first().waitFor()
  await page.getByRole('button', { name: 'Mark delivered…' }).waitFor()

  const shopper = await visit.context.newPage()
  await shopper.goto('/')
  await shopper.evaluate(
    ([id, token]) => localStorage.setItem('hundi.guest-orders', JSON.stringify([[id, token]])),
    [orders.second.id, orders.second.guestToken],
  )
  await shopper.goto(`/orders/${orders.second.id}`)
  await untilTitle(shopper, 'Your box is on its way')
})

journey('X4 what a shopper writes is text wherever staff read it', { size: 'desktop' }, running, async (visit) => {
  const { page } = visit
  const name = `"><img src=x onerror="alert(1)"><script>alert(2)</script>`
  const order = await placeOrder(shop, { slug: 'wayanad-turmeric', email: 'mallory@example.test', name })
  const dialogs: string[] = []
  page.on('dialog', (dialog) => {
    dialogs.push(dialog.message())
    void dialog.dismiss()
  })
  await signInToPanel(page)
  for (const path of ['/admin', '/admin/orders', `/admin/orders/${order.id}`]) {
    await page.goto(path)
    await page.getByText(name).first().waitFor()
    await visit.settled()
    assert.equal(await page.locator('img[src="x"]').count(), 0)
  }
  assert.deepEqual(dialogs, [])
})

journey('X18 a script that gets into a page is not run', { size: 'desktop' }, running, async (visit) => {
  const { page } = visit
  visit.expectTrouble(/^console: .*violates the following Content Security Policy directive/)
  for (const path of ['/', '/admin']) {
    await page.goto(path)
    await visit.settled()
    const ran = await page.evaluate<boolean>(`(() => {
      const script = document.createElement('script')
      script.textContent = 'window.ran = true'
      document.head.append(script)
      return window.ran === true
    })()`)
    assert.equal(ran, false)
  }
})
