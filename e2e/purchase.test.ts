/** A purchase through the real pages and the sandbox's payment window, at a desk and on a phone. */
import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import type { Browser, Locator, Page } from 'playwright-core'
import { ADDRESS } from '../test/shop.ts'
import { assertBooksAgree } from './books.ts'
import { launchBrowser } from '../test/browser.ts'
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
  untilTitle,
} from './shopper.ts'
import { journey, type Size } from './visit.ts'

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

for (const size of ['desktop', 'phone'] satisfies Size[]) {
  journey('a guest pays at once, and the page says so by itself', { size }, running, async ({ page }) => {
    const window = await orderAsGuest(page, 'tellicherry-pepper')
    assert.equal(await window.amount(), '₹294.00')
    await window.play('captured')

    await untilTitle(page, 'Paid. One shop is packing your box.')
    const orderId = orderIdOf(page)
    await page.getByText('You paid ₹294.00, once.').waitFor()
    await page.getByRole('link', { name: 'Your box, 0 things' }).waitFor()

    await page.getByRole('link', { name: 'Follow the order' }).click()
    await untilTitle(page, 'One shop is packing your box')
    assert.equal(orderIdOf(page), orderId)
    await page.getByRole('list', { name: 'What happened' }).getByText('Paid and confirmed').waitFor()
    const money = page.getByRole('region', { name: 'Money' })
    assert.match(await money.innerText(), /You paid\s+₹294\.00/)
    assert.match(await money.innerText(), /Paid by\s+UPI, success@razorpay/)
    await page.getByText('Pune, Maharashtra 411004').waitFor()
  })

  journey('a declined try leaves the window open, and the next one pays', { size }, running, async ({ page }) => {
    const window = await orderAsGuest(page, 'green-cardamom')
    await window.play('failed')
    assert.match(await window.refusal(), /failed|declined/i)
    assert.equal(await window.dialog().count(), 1)

    await window.play('captured')
    await untilTitle(page, 'Paid. One shop is packing your box.')
    const [newest] = await shop.providerOrders()
    const tries = await shop.providerPayments(newest?.id)
    assert.deepEqual(
      tries.map((each) => each.status),
      ['captured', 'failed'],
    )
  })

  journey('who leaves the window can pay later, from the order', { size }, running, async ({ page }) => {
    const window = await orderAsGuest(page, 'tellicherry-pepper')
    await window.leave()
    await untilTitle(page, 'You left the payment window')
    const orderId = orderIdOf(page)

    await page.getByRole('link', { name: 'See the order' }).click()
    await untilTitle(page, 'Waiting for your payment')
    await page.getByText(/^Kept for you until \d{1,2}:\d\d [ap]m$/).waitFor()

    // A day in the shop lies between, so to speak: the page is left and found again among one's orders.
    await page.goto('/orders')
    await page.getByRole('link', { name: /Awaiting payment/ }).click()
    await payButton(page).click()
    const second = await PaymentWindow.opened(page)
    assert.equal(await second.amount(), '₹294.00')
    await second.play('captured')
    await untilTitle(page, 'Paid. One shop is packing your box.')
    assert.equal(orderIdOf(page), orderId)
  })

  journey('C1 two quick presses on pay make one order', { size }, running, async ({ page }) => {
    const before = (await shop.providerOrders()).length
    let asked = 0
    page.on('request', (request) => {
      if (request.method() === 'POST' && new URL(request.url()).pathname === '/api/orders') asked += 1
    })
    await putInBox(page, 'tellicherry-pepper')
    await goToCheckout(page)
    await fillAddress(page, GUEST_EMAIL)
    await payButton(page).dblclick()
    const window = await PaymentWindow.opened(page)
    assert.equal(await window.dialog().count(), 1)
    assert.equal(asked, 1)

    await window.play('captured')
    await untilTitle(page, 'Paid. One shop is packing your box.')
    assert.equal((await shop.providerOrders()).length, before + 1)
    await page.goto('/orders')
    await page.getByRole('link', { name: /Confirmed/ }).waitFor()
    assert.equal(await page.getByRole('main').getByRole('listitem').count(), 1)
  })
}

journey('a box from three shops is one payment', { size: 'desktop' }, running, async ({ page }) => {
  for (const slug of ['tellicherry-pepper', 'kumaon-whole-leaf-tea', 'ajrakh-stole-indigo']) await putInBox(page, slug)
  await goToCheckout(page)
  await fillAddress(page, GUEST_EMAIL)
  const shown = ((await payButton(page).textContent()) ?? '').replace('Pay ', '')
  await payButton(page).click()
  const window = await PaymentWindow.opened(page)
  assert.equal(await window.amount(), shown)
  await window.play('captured')
  await untilTitle(page, 'Paid. Three shops are packing your box.')
  await page.getByRole('link', { name: 'Follow the order' }).click()
  for (const name of ['Malabar Pepper House', 'Pahadi Rasoi', 'Rann Karigar']) {
    await page.getByRole('heading', { level: 2, name }).waitFor()
  }
})

journey('everything can be done by keyboard', { size: 'desktop' }, running, async ({ page }) => {
  await page.goto('/p/tellicherry-pepper')
  await untilTitle(page, 'Tellicherry pepper, 100 g')
  await tabTo(page, page.getByRole('button', { name: 'Add to box' }))
  await page.keyboard.press('Enter')
  await page.getByRole('link', { name: 'Your box, 1 thing' }).waitFor()
  await tabTo(page, page.getByRole('link', { name: '1 in your box' }))
  await page.keyboard.press('Enter')
  await tabTo(page, page.getByRole('button', { name: 'Checkout' }))
  await page.keyboard.press('Enter')
  await untilTitle(page, 'Checkout')

  // An empty form leads to its first field instead of being sent.
  await tabTo(page, payButton(page))
  await page.keyboard.press('Enter')
  await untilFocused(page.getByLabel('E-mail'))
  for (const [label, typed] of [
    ['E-mail', GUEST_EMAIL],
    ['Name', ADDRESS.name],
    ['Phone, for the courier', '9812345210'],
    ['PIN code', ADDRESS.postalCode],
    ['House and street', ADDRESS.line1],
    ['Town or city', ADDRESS.city],
  ] as const) {
    await tabTo(page, page.getByLabel(label, { exact: true }))
    await page.keyboard.type(typed)
  }
  await tabTo(page, payButton(page))
  await page.keyboard.press('Enter')
  const window = await PaymentWindow.opened(page)
  await page.keyboard.press('1')
  await page.keyboard.press('Enter')
  await untilTitle(page, 'Paid. One shop is packing your box.')
  assert.equal(await window.dialog().count(), 0)
})

test('after all of this, every rupee at the provider is in our books, once', async () => {
  assert.notDeepEqual(await shop.providerPayments(), [])
  await assertBooksAgree(shop)
})

/** More stops than any page of the shop has before its main button. */
const MOST_TABS = 60

/** Presses Tab until this control has the focus, as somebody without a mouse does. */
async function tabTo(page: Page, control: Locator): Promise<void> {
  await control.waitFor()
  for (let pressed = 0; pressed <= MOST_TABS; pressed += 1) {
    if (await isFocused(control)) return
    await page.keyboard.press('Tab')
  }
  assert.fail(`${control.toString()} is not reached within ${MOST_TABS} presses of Tab`)
}

async function untilFocused(control: Locator): Promise<void> {
  await control.and(control.page().locator(':focus')).waitFor()
}

function isFocused(control: Locator): Promise<boolean> {
  return control.evaluate(
    (element) => element === (element as { ownerDocument: { activeElement: unknown } }).ownerDocument.activeElement,
  )
}
