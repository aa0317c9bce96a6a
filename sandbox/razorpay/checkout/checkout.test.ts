/**
 * checkout.js and the payment window in a real browser, on a shop's page with a strict content policy: no inline
 * script or style, scripts and frames from the shop and the sandbox only.
 */
import assert from 'node:assert/strict'
import { once } from 'node:events'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import test, { after, before } from 'node:test'
import type { Browser, Page } from 'playwright-core'
import { launchBrowser } from '../../../test/browser.ts'
import { type RunningSandbox, startSandbox } from '../../sandbox.ts'
import { checkoutSignature } from '../play.ts'

/** The shop's script: options come from the address, what the page is told is kept for the test to read. */
const SHOP_SCRIPT = `
const told = (window.told = [])
const given = JSON.parse(new URLSearchParams(location.search).get('options'))
const options = { ...given, modal: { ...given.modal, ondismiss: (...rest) => told.push(['dismiss', rest.length]) } }
if (given.handler !== false) options.handler = (response) => told.push(['handler', response])
const checkout = new Razorpay(options)
checkout.on('payment.failed', (response) => told.push(['failed', response]))
document.querySelector('button').addEventListener('click', () => checkout.open())
`

type Told = Array<[string, Record<string, string> & { error: { reason: string; metadata: Record<string, string> } }]>

let sandbox: RunningSandbox
let shop: Server
let shopUrl: string
let browser: Browser
const violations: string[] = []

before(async () => {
  sandbox = await startSandbox({ dataDir: ':memory:' })
  shop = createServer((request, response) => {
    if (request.url === '/shop.js') {
      response.writeHead(200, { 'content-type': 'text/javascript' }).end(SHOP_SCRIPT)
      return
    }
    if (request.method === 'POST') {
      let body = ''
      request.on('data', (chunk) => {
        body += chunk
      })
      request.on('end', () => {
        response
          .writeHead(200, { 'content-type': 'text/html' })
          .end(`<title>posted</title><pre>${encodeURI(body)}</pre>`)
      })
      return
    }
    const policy = `default-src 'none'; script-src 'self' ${sandbox.url}; frame-src ${sandbox.url}; form-action 'self'`
    response
      .writeHead(200, { 'content-type': 'text/html', 'content-security-policy': policy })
      .end(
        `<!doctype html><title>Shop</title><button>Pay</button><script src="${sandbox.url}/razorpay/v1/checkout.js"></script><script src="/shop.js"></script>`,
      )
  })
  shop.listen(0, '127.0.0.1')
  await once(shop, 'listening')
  shopUrl = `http://127.0.0.1:${(shop.address() as AddressInfo).port}`
  browser = await launchBrowser()
})

after(async () => {
  await browser?.close()
  await sandbox?.close()
  shop?.close()
})

async function createOrder(): Promise<string> {
  const { keyId, keySecret } = sandbox.keys.razorpay
  const answer = await fetch(`${sandbox.url}/razorpay/v1/orders`, {
    method: 'POST',
    headers: {
      authorization: `Basic ${Buffer.from(`${keyId}:${keySecret}`).toString('base64')}`,
      'content-type': 'application/json',
    },
    body: JSON.stringify({ amount: 270_900, currency: 'INR' }),
  })
  return ((await answer.json()) as { id: string }).id
}

/** Opens the shop for an order and presses its pay button. */
async function openWindow(more: Record<string, unknown> = {}, viewport = { width: 1280, height: 900 }) {
  const orderId = await createOrder()
  const page = await browser.newPage({ viewport })
  page.on('console', (message) => {
    if (message.type() === 'error') violations.push(message.text())
  })
  page.on('pageerror', (error) => violations.push(error.message))
  const options = { key: sandbox.keys.razorpay.keyId, order_id: orderId, name: 'Saat Dabbe', ...more }
  await page.goto(`${shopUrl}/?options=${encodeURIComponent(JSON.stringify(options))}`)
  await page.click('button')
  const frame = page.frameLocator('dialog[data-sandbox-checkout] iframe')
  await frame.locator('[data-action="pay"]').waitFor()
  return { orderId, page, frame }
}

async function toldTo(page: Page, count: number): Promise<Told> {
  for (let tries = 0; tries < 100; tries++) {
    const told: Told = await page.evaluate('told')
    if (told.length >= count) return told
    await page.waitForTimeout(50)
  }
  throw new Error(`the page was not told ${count} times`)
}

async function statusOf(orderId: string): Promise<string[]> {
  const answer = await fetch(`${sandbox.url}/razorpay/_sandbox/state?orderId=${orderId}`)
  const { payments } = (await answer.json()) as { payments: Array<{ status: string }> }
  return payments.map(({ status }) => status)
}

test('a payment gives the handler exactly the three fields, signed, and closes the window', async () => {
  const { orderId, page, frame } = await openWindow()
  await frame.locator('[data-method="card"]').click()
  await frame.locator('[data-outcome="captured"]').click()
  await frame.locator('[data-action="pay"]').click()
  const [first] = await toldTo(page, 1)
  const paymentId = first?.[1].razorpay_payment_id ?? ''
  assert.deepEqual(first, [
    'handler',
    {
      razorpay_payment_id: paymentId,
      razorpay_order_id: orderId,
      razorpay_signature: checkoutSignature(orderId, paymentId, sandbox.keys.razorpay.keySecret),
    },
  ])
  assert.equal(await page.locator('dialog').count(), 0)
  assert.deepEqual(await statusOf(orderId), ['captured'])
  await page.close()
})

test('a failure leaves the window open, the second try succeeds; all by keyboard', async () => {
  const { orderId, page, frame } = await openWindow()
  await page.keyboard.press('2')
  await page.keyboard.press('Enter')
  const [failed] = await toldTo(page, 1)
  assert.equal(failed?.[0], 'failed')
  assert.equal(failed?.[1].error.reason, 'payment_failed')
  assert.equal(failed?.[1].error.metadata.order_id, orderId)
  await frame.locator('[data-action="pay"]:not([aria-busy])').waitFor()
  await page.keyboard.press('1')
  await page.keyboard.press('Enter')
  const told = await toldTo(page, 2)
  assert.deepEqual(
    told.map(([what]) => what),
    ['failed', 'handler'],
  )
  assert.deepEqual(await statusOf(orderId), ['captured', 'failed'])
  await page.close()
})

test('without retry a failure closes the window', async () => {
  const { page, frame } = await openWindow({ retry: { enabled: false } })
  await frame.locator('[data-outcome="failed"]').click()
  await frame.locator('[data-failure]').selectOption('insufficient_fund')
  await frame.locator('[data-action="pay"]').click()
  const told = await toldTo(page, 2)
  assert.equal(told[0]?.[1].error.reason, 'insufficient_fund')
  assert.deepEqual(told[1], ['dismiss', 0])
  await page.close()
})

test('a failing test address chooses the failure by itself', async () => {
  const { page, frame } = await openWindow()
  await frame.locator('input[name="vpa"]').fill('failure@razorpay')
  assert.equal(await frame.locator('[data-outcome="failed"] input').isChecked(), true)
  await frame.locator('[data-method="card"]').click()
  await frame.locator('input[name="cardNumber"]').fill('4100 2800 0008 0001')
  assert.equal(await frame.locator('[data-failure]').inputValue(), 'insufficient_fund')
  await page.close()
})

const WITHOUT_COLLECT = { config: { display: { hide: [{ method: 'upi', flows: ['collect'] }] } } }

test('without the typed address a phone opens the app, which may never bring the shopper back', async () => {
  const { orderId, page, frame } = await openWindow(WITHOUT_COLLECT, { width: 390, height: 740 })
  assert.equal(await frame.locator('input[name="vpa"]').count(), 0)
  assert.equal(await frame.locator('.code').count(), 0)
  await frame.locator('select[name="deed"]').selectOption('captured_handler_lost')
  assert.equal(await frame.locator('[data-outcome="captured_handler_lost"] input').isChecked(), true)
  await frame.locator('[data-action="pay"]').click()
  assert.deepEqual(await toldTo(page, 1), [['dismiss', 0]])
  assert.deepEqual(await statusOf(orderId), ['captured'])
  await page.close()
})

test('without the typed address a desk shows a code, which is paid a minute later', async () => {
  const { orderId, page, frame } = await openWindow(WITHOUT_COLLECT)
  assert.equal(await frame.locator('.code').isVisible(), true)
  await frame.locator('select[name="deed"]').selectOption('pending_then_captured')
  await frame.locator('[data-action="pay"]').click()
  assert.deepEqual(await toldTo(page, 1), [['dismiss', 0]])
  assert.deepEqual(await statusOf(orderId), ['created'])
  await page.close()
})

test('Escape leaves, unless the shop forbids it; a question comes first where the shop wants one', async () => {
  const plain = await openWindow()
  await plain.page.keyboard.press('Escape')
  assert.deepEqual(await toldTo(plain.page, 1), [['dismiss', 0]])
  assert.deepEqual(await statusOf(plain.orderId), [])
  await plain.page.close()

  const firm = await openWindow({ modal: { escape: false, confirm_close: true } })
  await firm.page.keyboard.press('Escape')
  await firm.frame.locator('[data-action="close"]').click()
  await firm.frame.locator('[data-action="stay"]').click()
  assert.equal(await firm.page.locator('dialog').count(), 1)
  await firm.frame.locator('[data-action="close"]').click()
  await firm.frame.locator('[data-action="leave"]').click()
  assert.deepEqual(await toldTo(firm.page, 1), [['dismiss', 0]])
  await firm.page.close()
})

test('leaving the window does not mean that nothing was paid', async () => {
  const { orderId, page, frame } = await openWindow()
  await frame.locator('[data-outcome="never_told"]').click()
  await frame.locator('[data-action="pay"]').click()
  assert.deepEqual(await toldTo(page, 1), [['dismiss', 0]])
  assert.deepEqual(await statusOf(orderId), ['captured'])
  await page.close()
})

test('with callback_url and redirect, success and failure are posted as a form', async () => {
  const options = { callback_url: `${shopUrl}/back`, redirect: true }
  const paid = await openWindow(options)
  await paid.frame.locator('[data-action="pay"]').click()
  await paid.page.waitForURL(`${shopUrl}/back`)
  const form = new URLSearchParams(decodeURI((await paid.page.locator('pre').textContent()) ?? ''))
  assert.equal(form.get('razorpay_order_id'), paid.orderId)
  assert.deepEqual([...form.keys()], ['razorpay_payment_id', 'razorpay_order_id', 'razorpay_signature'])
  await paid.page.close()

  const failed = await openWindow(options)
  await failed.frame.locator('[data-outcome="failed"]').click()
  await failed.frame.locator('[data-action="pay"]').click()
  await failed.page.waitForURL(`${shopUrl}/back`)
  const refused = new URLSearchParams(decodeURI((await failed.page.locator('pre').textContent()) ?? ''))
  assert.equal(refused.get('error[code]'), 'BAD_REQUEST_ERROR')
  assert.equal(JSON.parse(refused.get('error[metadata]') ?? '{}').order_id, failed.orderId)
  await failed.page.close()
})

test('the page takes messages from the window only', async () => {
  const { page } = await openWindow()
  await page.evaluate(`postMessage(
      { channel: 'sandbox-checkout', type: 'success', response: { razorpay_payment_id: 'pay_x' } },
      '*',
    )`)
  await page.waitForTimeout(200)
  assert.deepEqual(await page.evaluate('told'), [])
  assert.equal(await page.locator('dialog').count(), 1)
  await page.close()
})

test('markup from the shop stays text, and a phone shows everything without sideways scrolling', async () => {
  const name = '<img src=x onerror="alert(1)">'
  const { page, frame } = await openWindow({ name, description: name }, { width: 360, height: 740 })
  assert.equal(await frame.locator('.shop b').textContent(), name)
  assert.equal(await frame.locator('.summary img').count(), 0)
  const wide = await frame.locator('html').evaluate((root) => root.scrollWidth)
  assert.equal(wide, 360)
  assert.equal(await frame.locator('[data-action="pay"]').isVisible(), true)
  await page.close()
})

test('nothing above broke the content policy or threw', () => {
  assert.deepEqual(violations, [])
})
