/** What an operator does with money in the panel: sends it back, decides what the machine would not, compares books. */
import assert from 'node:assert/strict'
import { after, before } from 'node:test'
import type { Browser, Page } from 'playwright-core'
import { assertBooksAgree } from './books.ts'
import { launchBrowser } from '../test/browser.ts'
import { addAdmin, signInToPanel } from './operator.ts'
import { placeOrder, type PlacedOrder } from './placed-orders.ts'
import { startShop, type RunningShop } from './running-shop.ts'
import { untilTitle } from './shopper.ts'
import { journey, type Size } from './visit.ts'

let shop: RunningShop
let browser: Browser
let orders: Record<'desktop' | 'phone' | 'over' | 'short' | 'open' | 'silent' | 'dear', PlacedOrder>
const running = () => ({ shop, browser })

before(async () => {
  ;[shop, browser] = await Promise.all([startShop({ REFUND_APPROVAL_ABOVE: '100000' }), launchBrowser()])
  const buy = (slug: string, outcome?: string) =>
    placeOrder(shop, { slug, email: 'ananya@example.test', ...(outcome === undefined ? {} : { outcome }) })
  orders = {
    desktop: await buy('tellicherry-pepper', 'captured'),
    phone: await buy('tellicherry-pepper', 'captured'),
    over: await buy('green-cardamom', 'over_capture'),
    short: await buy('green-cardamom', 'short_capture'),
    open: await buy('wayanad-turmeric'),
    silent: await buy('wayanad-turmeric'),
    dear: await buy('brass-masala-dabba', 'captured'),
  }
})
after(async () => {
  await browser?.close()
  await shop?.stop()
})

async function openOrder(page: Page, order: PlacedOrder): Promise<void> {
  await page.goto(`/admin/orders/${order.id}`)
  await untilTitle(page, order.number)
}

for (const size of ['desktop', 'phone'] satisfies Size[]) {
  journey('what certain things cost goes back, until the provider has sent it', { size }, running, async ({ page }) => {
    await signInToPanel(page)
    const order = orders[size]
    await openOrder(page, order)
    await page.getByRole('button', { name: 'Refund…' }).click()
    const dialog = page.getByRole('dialog', { name: /^Send back/ })
    await dialog.getByText('₹294.00 can still go back').waitFor()
    await dialog.getByLabel('What certain things cost').check()
    await dialog.getByLabel('How many of Tellicherry pepper, 100 g').selectOption('1')
    await dialog.getByLabel('Put the things back in stock').check()
    await dialog.getByText('1 thing goes back in stock.').waitFor()
    await dialog.getByText('₹49.00 stays.').waitFor()

    // Without a reason nothing is sent.
    await dialog.getByRole('button', { name: 'Send back ₹245.00' }).click()
    await dialog.getByText('Say why, in a few words. It is kept for good, for staff alone.').waitFor()
    assert.equal(await page.getByRole('table', { name: 'Refunds at Razorpay' }).count(), 0)
    await dialog.getByLabel('Reason, kept for good').fill('Arrived open')
    await dialog.getByRole('button', { name: 'Send back ₹245.00' }).click()
    await dialog.waitFor({ state: 'hidden' })

    const refund = page.getByRole('table', { name: 'Refunds at Razorpay' }).getByRole('row').nth(1)
    await refund.getByText('Gone back').waitFor()
    assert.match(await refund.innerText(), /rfnd_[^]*Arrived open[^]*−₹245\.00/)
    await page.getByRole('img', { name: 'Of ₹294.00 captured: ₹49.00 kept, ₹245.00 gone back' }).waitFor()

    const [payment] = await shop.providerPayments(order.providerOrderId)
    const state = (await shop.control('GET', `/state?orderId=${order.providerOrderId}`)) as {
      refunds: { payment_id: string; amount: number; status: string }[]
    }
    assert.deepEqual(
      state.refunds.map(({ payment_id, amount, status }) => ({ payment_id, amount, status })),
      [{ payment_id: payment?.id, amount: 24_500, status: 'processed' }],
    )

    // The same units cannot go back twice.
    await page.getByRole('button', { name: 'Refund…' }).click()
    await dialog.getByLabel('What certain things cost').check()
    assert.equal(await dialog.getByLabel('How many of Tellicherry pepper, 100 g').isDisabled(), true)
    await dialog.getByRole('button', { name: 'Keep the money' }).click()
  })
}

journey(
  'a question is taken, answered with a reason, and leads to the next',
  { size: 'desktop' },
  running,
  async (visit) => {
    const { page } = visit
    await signInToPanel(page)
    await page.getByRole('link', { name: /^Review 2/ }).click()
    await page.getByRole('heading', { name: '2 questions for a person' }).waitFor()
    await page.getByRole('list', { name: 'Questions' }).getByRole('link').nth(1).waitFor()
    // The oldest is the first.
    await page.keyboard.press('j')
    await untilTitle(page, 'Razorpay captured ₹1.00 more than the order asks for')
    await page.keyboard.press('a')
    await page.getByText('Yours').waitFor()
    await page.getByLabel('Accept the order and give back ₹1.00').check()
    await page.getByRole('button', { name: 'Accept, give back ₹1.00' }).click()
    await page.getByText('Say why, in a few words.').waitFor()
    await page.getByLabel('Reason, kept for good').fill('A rupee too much')
    await page.getByRole('button', { name: 'Accept, give back ₹1.00' }).click()
    const outcome = page.getByRole('status').filter({ hasText: 'Accepted as the payment' })
    await outcome.getByText('“A rupee too much”').waitFor()
    await outcome.getByRole('link', { name: 'Next: Amount differs' }).click()
    await untilTitle(page, 'Razorpay captured ₹1.00 less than the order asks for')

    await openOrder(page, orders.over)
    await page.getByText('Confirmed', { exact: true }).first().waitFor()
    await page.getByRole('link', { name: /^Amount differs.*Answered/ }).waitFor()
  },
)

journey('a short payment goes back from the queue', { size: 'phone' }, running, async ({ page }) => {
  await signInToPanel(page)
  await page.getByRole('link', { name: /^Review/ }).click()
  await page.getByRole('link', { name: new RegExp(`Amount differs.*${orders.short.number}`) }).click()
  await untilTitle(page, 'Razorpay captured ₹1.00 less than the order asks for')
  await page.getByLabel('Send back ₹368.00').check()
  await page.getByLabel('Reason, kept for good').fill('The customer wants to pay anew')
  await page.getByRole('button', { name: 'Send back ₹368.00' }).click()
  await page.getByRole('status').filter({ hasText: 'Sent back' }).getByText('That was the last one.').waitFor()
  await page.getByRole('link', { name: 'To the queue' }).click()
  await page.getByRole('heading', { name: 'Every rupee has its place' }).waitFor()
})

journey(
  'a large refund waits for a second person, who is not the first',
  { size: 'desktop' },
  running,
  async (visit) => {
    const { page } = visit
    const meera = await addAdmin(shop, { name: 'Meera Rao', email: 'meera@saatdabbe.example' })
    await signInToPanel(page)
    await openOrder(page, orders.dear)
    await page.getByRole('button', { name: 'Refund…' }).click()
    const dialog = page.getByRole('dialog', { name: /^Send back/ })
    await dialog.getByLabel('An amount').check()
    await dialog.getByLabel('Amount in INR').fill('1,000.01')
    await dialog.getByText('A second person must agree first.').waitFor()
    await dialog.getByLabel('Reason, kept for good').fill('Dented')
    await dialog.getByRole('button', { name: 'Ask to send back ₹1,000.01' }).click()
    await dialog.waitFor({ state: 'hidden' })
    await page.getByRole('img', { name: 'Of ₹3,499.00 captured: ₹2,498.99 kept, ₹1,000.01 not decided' }).waitFor()
    await page.getByRole('table', { name: 'Refunds at Razorpay' }).getByText('Waits for a second person').waitFor()
    await page.getByRole('link', { name: /^Refund to agree to/ }).click()
    await untilTitle(page, 'Shall ₹1,000.01 go back?')
    await page.getByText('You asked for this refund, so you cannot be the second person.').waitFor()
    assert.equal(await page.getByRole('radio').count(), 0)

    await visit.context.clearCookies()
    const question = page.url()
    await signInToPanel(page, meera)
    await page.goto(question)
    await page.getByRole('radio', { name: /^Agree/ }).check()
    await page.getByLabel('Reason, kept for good').fill('I have seen it')
    await page.getByRole('button', { name: 'Agree, send back ₹1,000.01' }).click()
    await page.getByRole('status').filter({ hasText: 'Agreed to' }).getByText('Meera Rao').waitFor()
    await openOrder(page, orders.dear)
    await page.getByText('A second person agreed').waitFor()
    await page.getByRole('img', { name: 'Of ₹3,499.00 captured: ₹2,498.99 kept, ₹1,000.01 gone back' }).waitFor()
  },
)

journey('money that came by bank transfer pays its order', { size: 'desktop' }, running, async ({ page }) => {
  await signInToPanel(page)
  await openOrder(page, orders.open)
  await page.getByRole('button', { name: 'Mark paid by bank transfer…' }).click()
  const dialog = page.getByRole('dialog', { name: /arrived in the bank/ })
  await dialog.getByRole('button', { name: /is there$/ }).click()
  await dialog.getByText('The bank’s reference is needed').waitFor()
  await dialog.getByLabel('The bank’s reference (UTR)').fill('N326253047110')
  await dialog.getByLabel('Reason, kept for good').fill('Paid at the counter of the bank')
  await dialog.getByRole('button', { name: /is there$/ }).click()
  await dialog.waitFor({ state: 'hidden' })
  await page.getByText('An admin saw the money in the bank').waitFor()
  await page.getByText('Confirmed', { exact: true }).first().waitFor()
})

journey('while the provider is silent nothing is done by hand', { size: 'desktop' }, running, async (visit) => {
  const { page } = visit
  visit.expectTrouble(/^answer: 409 POST .*\/resolve/, /^console: Failed to load resource.*\/resolve/)
  await signInToPanel(page)
  await openOrder(page, orders.silent)
  await shop.control('POST', '/faults', { match: '^GET /v1/', kind: 'status', status: 503, times: 1_000 })
  try {
    await page.getByRole('button', { name: 'Give up the payment at Razorpay…' }).click()
    const dialog = page.getByRole('dialog', { name: 'Give up the payment at Razorpay?' })
    await dialog.getByLabel('Reason, kept for good').fill('Nobody will pay it')
    await dialog.getByRole('button', { name: 'Give it up' }).click()
    await dialog.getByRole('alert').getByText('Nothing was done. The provider was asked just now').waitFor()
    await dialog.getByRole('button', { name: 'Keep it open' }).click()
    await dialog.waitFor({ state: 'hidden' })
  } finally {
    await shop.control('DELETE', '/faults')
  }
  assert.equal(await page.getByText('given up').count(), 0)
})

journey('the books are compared, and their rules are checked', { size: 'desktop' }, running, async ({ page }) => {
  await signInToPanel(page)
  await page.getByRole('link', { name: 'Reconciliation' }).click()
  await page.getByRole('button', { name: 'Compare now…' }).click()
  const dialog = page.getByRole('dialog', { name: 'Compare our books with the provider’s?' })
  await dialog.getByText('No money is sent anywhere.').waitFor()
  await dialog.getByRole('button', { name: 'Compare these days' }).click()
  await untilTitle(page, 'Both books agree')
  await page.getByText('Completed').waitFor()
  await page.getByRole('navigation', { name: 'Breadcrumb' }).getByRole('link', { name: 'Reconciliation' }).click()
  await page.getByRole('table', { name: 'Runs' }).getByText(/^by /).waitFor()

  await page.getByRole('link', { name: 'Checks' }).click()
  await page.getByRole('button', { name: 'Check now' }).click()
  await page.getByRole('heading', { name: 'All 12 rules hold' }).waitFor()
})

journey(
  'the ledger says where the money is, and gives it as a file',
  { size: 'desktop' },
  running,
  async ({ page }) => {
    await signInToPanel(page)
    await page.getByRole('link', { name: 'Ledger' }).click()
    await page.getByRole('link', { name: 'At the provider: Razorpay' }).click()
    await untilTitle(page, 'At the provider: Razorpay')
    const table = page.getByRole('table', { name: 'Transfers' })
    await table.getByRole('link', { name: orders.desktop.number }).first().waitFor()
    assert.match(await table.getByRole('row').nth(1).innerText(), /Captured[^]*Held for orders[^]*\+₹294\.00/)
    const [download] = await Promise.all([
      page.waitForEvent('download'),
      page.getByRole('link', { name: 'Get it as CSV' }).click(),
    ])
    assert.match(download.suggestedFilename(), /\.csv$/)
  },
)

journey('a webhook is read once more, and nothing is taken twice', { size: 'desktop' }, running, async ({ page }) => {
  await signInToPanel(page)
  await openOrder(page, orders.desktop)
  await page.getByRole('link', { name: 'payment.captured' }).click()
  await untilTitle(page, 'payment.captured')
  await page.getByRole('button', { name: 'Read it once more' }).click()
  await page.getByText('Read once more by hand').waitFor()
  await openOrder(page, orders.desktop)
  await page.getByRole('img', { name: 'Of ₹294.00 captured: ₹49.00 kept, ₹245.00 gone back' }).waitFor()
  await assertBooksAgree(shop)
})
