import assert from 'node:assert/strict'
import { test, type TestContext } from 'node:test'
import { CheckoutScriptError } from './checkout-script.ts'
import { openWindow } from './windows.ts'

const SILENT = { onApproved: () => {}, onDeclined: () => {}, onDismissed: () => {} }

/** What of a browser a window needs, while a test runs. */
function withGlobals(t: TestContext, globals: Record<string, unknown>): void {
  Object.assign(globalThis, globals)
  t.after(() => {
    for (const name of Object.keys(globals)) Reflect.deleteProperty(globalThis, name)
  })
}

/** A page whose scripts load, or do not, as soon as they are put into it. */
function page(event: 'load' | 'error') {
  const listeners: Record<string, () => void> = {}
  const script = {
    src: '',
    addEventListener: (name: string, listener: () => void) => {
      listeners[name] = listener
    },
    remove: () => {},
  }
  return {
    location: { href: 'https://shop.example/checkout' },
    document: { createElement: () => script, head: { append: () => queueMicrotask(() => listeners[event]?.()) } },
  }
}

test("a provider's own page is gone to, and there is no window to close", async (t) => {
  const visited: string[] = []
  withGlobals(t, { window: { location: { assign: (url: string) => visited.push(url) } } })
  const url = 'https://pay.example/c/1'
  assert.equal(await openWindow({ kind: 'redirect', url }, SILENT), null)
  assert.deepEqual(visited, [url])
})

test("Razorpay's window gets its options and ours, tells its word as the server takes it, and can be closed", async (t) => {
  type Options = { key: string; handler(result: unknown): void; modal: { escape: boolean; ondismiss(): void } }
  const opened: Options[] = []
  const told: unknown[] = []
  let closed = 0
  class Razorpay {
    readonly options: Options
    constructor(options: Options) {
      this.options = options
    }
    on(_event: string, listener: (failure: { error?: { description?: string } }) => void) {
      listener({ error: { description: 'The bank declined.' } })
    }
    open() {
      opened.push(this.options)
    }
    close() {
      closed += 1
    }
  }
  withGlobals(t, { ...page('load'), Razorpay })
  const close = await openWindow(
    {
      kind: 'razorpay',
      scriptUrl: 'https://checkout.example/loads.js',
      options: { key: 'rzp_1', modal: { escape: false } },
    },
    {
      onApproved: (brought) => told.push(brought),
      onDeclined: (reason) => told.push(reason),
      onDismissed: () => told.push('dismissed'),
    },
  )
  const [options] = opened
  assert.deepEqual([opened.length, options?.key, options?.modal.escape], [1, 'rzp_1', false])
  options?.handler({ razorpay_payment_id: 'pay_1', razorpay_order_id: 'order_1', razorpay_signature: 'ab' })
  options?.modal.ondismiss()
  assert.deepEqual(told, [
    'The bank declined.',
    { razorpayPaymentId: 'pay_1', razorpayOrderId: 'order_1', razorpaySignature: 'ab' },
    'dismissed',
  ])
  close?.()
  assert.equal(closed, 1)
})

test('a window whose script does not load says so', async (t) => {
  withGlobals(t, page('error'))
  const checkout = { kind: 'razorpay', scriptUrl: 'https://checkout.example/fails.js', options: {} } as const
  await assert.rejects(openWindow(checkout, SILENT), CheckoutScriptError)
})
