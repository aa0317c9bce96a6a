/**
 * The shop's side of the payment window: `new Razorpay(options).open()`, with the options, callbacks and form POST of
 * the provider's own script. The window itself is a frame of the sandbox; the two talk by postMessage, each checking
 * the other's origin. Nothing here needs inline scripts or styles, so a strict content policy is kept.
 */
;(() => {
  'use strict'

  const SCRIPT = '/v1/checkout.js'
  const CHANNEL = 'sandbox-checkout'
  const script = document.currentScript ?? document.querySelector(`script[src*="${SCRIPT}"]`)
  const base = script.src.slice(0, script.src.indexOf(SCRIPT))
  const sandboxOrigin = new URL(base).origin

  class Razorpay {
    #options
    #listeners = new Map()
    #dialog = null
    #frame = null
    #restore = () => {}
    #onMessage = (event) => this.#receive(event)

    constructor(options) {
      if (options === null || typeof options !== 'object') throw new Error('Invalid options')
      if (typeof options.key !== 'string' || options.key === '') throw new Error('No key passed')
      this.#options = options
    }

    /** Opens a window at once: the short form of `new Razorpay(options).open()`. */
    static open(options) {
      return new Razorpay(options).open()
    }

    /** Calls `listener` on `payment.failed`, once for each attempt that fails. */
    on(name, listener) {
      const known = this.#listeners.get(name) ?? []
      this.#listeners.set(name, [...known, listener])
      return this
    }

    open() {
      if (this.#dialog !== null) return this
      const frame = document.createElement('iframe')
      frame.src = `${base}/checkout/window`
      frame.title = 'Payment window of the sandbox'
      style(frame, {
        position: 'absolute',
        inset: '0',
        width: '100%',
        height: '100%',
        border: '0',
        'color-scheme': 'light dark',
      })
      // A modal dialog lies above everything and keeps the focus, whatever the shop's page does.
      const dialog = document.createElement('dialog')
      dialog.dataset.sandboxCheckout = 'razorpay'
      style(dialog, {
        position: 'fixed',
        inset: '0',
        width: '100%',
        height: '100%',
        'max-width': 'none',
        'max-height': 'none',
        margin: '0',
        padding: '0',
        border: '0',
        background: 'transparent',
        overflow: 'hidden',
      })
      dialog.addEventListener('cancel', (event) => {
        event.preventDefault()
        this.#send({ type: 'escape' })
      })
      const focused = document.activeElement
      const { overflow } = document.documentElement.style
      document.documentElement.style.overflow = 'hidden'
      this.#restore = () => {
        document.documentElement.style.overflow = overflow
        if (focused instanceof HTMLElement) focused.focus()
      }
      this.#dialog = dialog
      this.#frame = frame
      window.addEventListener('message', this.#onMessage)
      dialog.append(frame)
      document.body.append(dialog)
      dialog.showModal()
      return this
    }

    /** Closes the window; tells nobody. */
    close() {
      if (this.#dialog === null) return
      window.removeEventListener('message', this.#onMessage)
      this.#dialog.remove()
      this.#dialog = null
      this.#frame = null
      this.#restore()
    }

    #send(message) {
      this.#frame?.contentWindow?.postMessage({ channel: CHANNEL, ...message }, sandboxOrigin)
    }

    #receive(event) {
      if (event.origin !== sandboxOrigin || event.source !== this.#frame?.contentWindow) return
      const { channel, type, response } = event.data ?? {}
      if (channel !== CHANNEL) return
      switch (type) {
        case 'ready':
          this.#send({ type: 'open', options: this.#forFrame() })
          break
        case 'success':
          this.#succeed(response)
          break
        case 'failed':
          this.#fail(response)
          break
        case 'dismiss':
          this.#dismiss()
          break
      }
    }

    #succeed(response) {
      const { callback_url: callbackUrl, redirect, handler } = this.#options
      this.close()
      if (callbackUrl && (redirect || typeof handler !== 'function')) postForm(callbackUrl, Object.entries(response))
      else handler?.(response)
    }

    #fail(response) {
      const { callback_url: callbackUrl, redirect } = this.#options
      if (callbackUrl && redirect) {
        const { metadata, ...error } = response.error
        const fields = Object.entries(error).map(([name, value]) => [`error[${name}]`, value])
        this.close()
        postForm(callbackUrl, [...fields, ['error[metadata]', JSON.stringify(metadata)]])
        return
      }
      for (const listener of this.#listeners.get('payment.failed') ?? []) listener(response)
    }

    #dismiss() {
      this.close()
      this.#options.modal?.ondismiss?.()
    }

    /** What the window may know: everything that is data. */
    #forFrame() {
      return JSON.parse(JSON.stringify(this.#options))
    }
  }

  function style(target, declarations) {
    for (const [name, value] of Object.entries(declarations)) target.style.setProperty(name, value)
  }

  /** Sends the browser to the shop's address by a form POST, as the provider does. */
  function postForm(action, fields) {
    const form = document.createElement('form')
    form.method = 'post'
    form.action = action
    form.hidden = true
    for (const [name, value] of fields) {
      const input = document.createElement('input')
      input.type = 'hidden'
      input.name = name
      input.value = value
      form.append(input)
    }
    document.body.append(form)
    form.submit()
  }

  window.Razorpay = Razorpay
})()
