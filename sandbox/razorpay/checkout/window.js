/**
 * The payment window: shows what is to be paid, lets a person choose what happens, asks the sandbox to make it happen,
 * and tells the shop's page what a real window would tell it.
 */
import { element, icon, money } from '/assets/element.js'
import { methodPicker } from './methods.js'
import { outcomePicker, storyOf } from './outcomes.js'

const CHANNEL = 'sandbox-checkout'

/** How long a person gets to read a result before the window goes on by itself. */
const READING_MS = 900

let shopOrigin = null
let options = {}
let facts = null

window.addEventListener('message', (event) => {
  if (event.source !== window.parent || event.data?.channel !== CHANNEL) return
  if (event.data.type === 'open' && shopOrigin === null) {
    shopOrigin = event.origin
    options = event.data.options
    void start()
  }
  if (event.data.type === 'escape' && event.origin === shopOrigin) pressEscape()
})

/** Only the page that opened this window hears it; nothing but readiness is said before that page is known. */
function tell(type, response) {
  window.parent.postMessage({ channel: CHANNEL, type, response }, shopOrigin ?? '*')
}

if (window.parent === window) document.body.append(element('p', { class: 'alone' }, 'A shop opens this window.'))
else tell('ready')

async function start() {
  document.body.classList.add('open')
  if (options.theme?.backdrop_color) document.body.style.setProperty('--backdrop', options.theme.backdrop_color)
  if (options.timeout > 0) window.setTimeout(() => tell('dismiss'), options.timeout * 1000)
  try {
    const answer = await fetch(`./order?${orderQuery()}`)
    facts = await answer.json()
    if (answer.ok) show(paymentForm())
    else show(notice('This cannot be paid.', facts.error.description))
  } catch {
    show(notice('The sandbox does not answer.', 'Start it and open the window again.'))
  }
}

function show(content) {
  const payWindow = element(
    'div',
    { class: 'window', role: 'dialog', 'aria-modal': 'true', 'aria-label': 'Sandbox payment' },
    tape(),
    content,
  )
  document.body.replaceChildren(payWindow)
  const first = payWindow.querySelector('[data-focus], [name=outcome]:checked') ?? payWindow.querySelector('button')
  first?.focus({ preventScroll: true })
}

function tape() {
  return element(
    'header',
    { class: 'tape' },
    icon('warning'),
    element('b', {}, 'Sandbox. No money moves.'),
    element('span', { class: 'speaks' }, 'speaks Razorpay'),
    element(
      'button',
      { type: 'button', class: 'close', 'data-action': 'close', 'aria-label': 'Leave the window', onclick: leave },
      icon('cross'),
    ),
  )
}

function paymentForm() {
  const methods = methodPicker(options.prefill?.method, facts.failingCards, {
    upi: wayOfUpi(),
    orderId: facts.order.id,
  })
  const story = element('ol', { class: 'story' })
  const submit = element('button', { type: 'submit', class: 'pay', 'data-action': 'pay' })
  const outcomes = outcomePicker(facts, (scenario) => {
    story.replaceChildren(...storyOf(scenario))
    submit.replaceChildren(...deed(scenario))
  })
  methods.onSuggestion = (name, failure) => outcomes.choose(name, failure)
  const said = element('p', { class: 'said', role: 'status', hidden: true })
  const form = element(
    'form',
    { class: 'choices', novalidate: true },
    said,
    ...methods.nodes,
    ...outcomes.nodes,
    element('div', { class: 'go' }, submit, element('kbd', {}, 'Enter')),
  )
  form.addEventListener('submit', (event) => {
    event.preventDefault()
    void pay({ scenario: outcomes.chosen(), failure: outcomes.failure(), methods, submit, said })
  })
  form.addEventListener('keydown', (event) => {
    if (event.key === 'Enter' && event.target instanceof HTMLInputElement) {
      event.preventDefault()
      form.requestSubmit()
    }
  })
  document.addEventListener('keydown', (event) => {
    const typing = event.target instanceof HTMLElement && event.target.matches('input:not([type=radio]), select')
    if (!typing && !event.ctrlKey && !event.metaKey && !event.altKey) outcomes.press(event.key)
  })
  return element('div', { class: 'columns' }, summary(story), form)
}

/** As the real window: without the typed address a phone opens the app, and anything wider shows a code. */
function wayOfUpi() {
  const hidden = options.config?.display?.hide ?? []
  const collect = hidden.some(({ method, flows }) => method === 'upi' && flows?.includes('collect'))
  if (!collect) return 'address'
  return window.matchMedia('(max-width: 640px)').matches ? 'app' : 'code'
}

function summary(story) {
  const { order, attempts } = facts
  const shop = options.name || 'The shop'
  const picture = options.image
    ? element('img', { class: 'logo', src: options.image, alt: '', width: 34, height: 34 })
    : initial(shop)
  return element(
    'aside',
    { class: 'summary' },
    element('div', { class: 'shop' }, picture, element('b', {}, shop)),
    options.description && element('span', { class: 'what' }, options.description),
    element('div', { class: 'amount' }, money(order.amount, order.currency)),
    element(
      'dl',
      {},
      element('dt', {}, 'Provider id'),
      element('dd', { class: 'id' }, order.id),
      element('dt', {}, 'Before this'),
      element('dd', { class: 'history' }, historyOf(attempts)),
    ),
    element('section', { class: 'future' }, element('b', {}, 'What you will see'), story),
    element('p', { class: 'legend' }, 'A solid line: this channel is told. Stitched: later. Thin: never.'),
  )
}

function initial(shop) {
  const circle = element('span', { class: 'initial', 'aria-hidden': 'true' }, [...shop][0].toUpperCase())
  if (options.theme?.color) circle.style.setProperty('--shop', options.theme.color)
  return circle
}

function historyOf(attempts) {
  const words = {
    failed: 'declined',
    created: 'unanswered',
    authorized: 'authorized',
    captured: 'paid',
    refunded: 'refunded',
  }
  const last = attempts[0]
  if (last === undefined) return 'no attempt'
  return `${attempts.length} ${attempts.length === 1 ? 'attempt' : 'attempts'}, ${words[last.status]}`
}

/** What the button says: the verb of the scenario with the amount in it. */
function deed(scenario) {
  const [before, after] = scenario.deed.split('{amount}')
  if (after === undefined) return [before]
  return [before, money(facts.order.amount, facts.order.currency), after]
}

async function pay({ scenario, failure, methods, submit, said }) {
  if (submit.getAttribute('aria-busy') === 'true') return
  if (scenario.name === 'closed') {
    tell('dismiss')
    return
  }
  const label = [...submit.childNodes]
  said.hidden = true
  submit.setAttribute('aria-busy', 'true')
  submit.replaceChildren('Asking the bank')
  const body = {
    key_id: options.key,
    order_id: options.order_id,
    outcome: scenario.name,
    failure,
    method: methods.method(),
    instrument: methods.instrument(),
    notes: options.notes,
    description: options.description,
    email: options.prefill?.email,
    contact: options.prefill?.contact,
  }
  try {
    const answer = await fetch('./pay', {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(body),
    })
    const played = await answer.json()
    if (answer.ok) return await report(played, said, submit, label)
    say(said, played.error.description)
  } catch {
    say(said, 'The sandbox does not answer. Nothing was done.')
  }
  submit.removeAttribute('aria-busy')
  submit.replaceChildren(...label)
}

/** Tells the shop's page what its own script would be told, after a person could read it. */
async function report({ browser, success, failure }, said, submit, label) {
  if (failure !== null) {
    tell('failed', failure)
    say(said, failure.error.description)
    await pause(READING_MS)
    if (browser === 'failure') {
      if (options.retry?.enabled === false || options.retry === false) return tell('dismiss')
      submit.removeAttribute('aria-busy')
      submit.replaceChildren(...label)
      return refreshHistory()
    }
  }
  if (success !== null) {
    if (browser === 'forged-success') show(result('warning', 'Nothing was paid.', 'The page gets a made-up success.'))
    else show(result('tick', 'Paid.', 'Back to the shop.'))
    await pause(READING_MS)
    return tell('success', success)
  }
  show(result('warning', 'The page is told nothing.', 'The window closes as if nothing was paid.'))
  await pause(READING_MS)
  return tell('dismiss')
}

async function refreshHistory() {
  const answer = await fetch(`./order?${orderQuery()}`)
  if (!answer.ok) return
  facts = await answer.json()
  document.querySelector('.history')?.replaceChildren(historyOf(facts.attempts))
}

function orderQuery() {
  return new URLSearchParams({ key_id: options.key, order_id: options.order_id ?? '' })
}

function say(said, text) {
  said.hidden = false
  said.textContent = text
  said.scrollIntoView({ block: 'nearest' })
}

function result(mark, title, text) {
  return element(
    'div',
    { class: `result ${mark}`, role: 'status' },
    icon(mark),
    element('b', {}, title),
    element('p', {}, text),
  )
}

function notice(title, text) {
  return element(
    'div',
    { class: 'result', role: 'alert' },
    element('b', {}, title),
    element('p', {}, text),
    element(
      'button',
      { type: 'button', class: 'pay', 'data-focus': true, onclick: () => tell('dismiss') },
      'Back to the shop',
    ),
  )
}

/** The shopper wants to go. A shop may ask for one more question; Escape and the backdrop obey its options. */
function leave() {
  if (options.modal?.confirm_close !== true) {
    tell('dismiss')
    return
  }
  if (document.querySelector('.confirm') !== null) return
  const stay = element('button', { type: 'button', class: 'quiet-button', 'data-action': 'stay' }, 'Stay')
  const confirm = element(
    'div',
    { class: 'confirm', role: 'alertdialog', 'aria-label': 'Leave without paying?' },
    element('b', {}, 'Leave without paying?'),
    stay,
    element(
      'button',
      { type: 'button', class: 'quiet-button', 'data-action': 'leave', onclick: () => tell('dismiss') },
      'Leave',
    ),
  )
  stay.addEventListener('click', () => confirm.remove())
  document.querySelector('.tape')?.after(confirm)
  stay.focus()
}

function pressEscape() {
  if (options.modal?.escape !== false) leave()
}

document.addEventListener('keydown', (event) => {
  if (event.key === 'Escape') pressEscape()
})

document.addEventListener('click', (event) => {
  if (event.target === document.body && options.modal?.backdropclose === true) leave()
})

function pause(ms) {
  return new Promise((resolve) => window.setTimeout(resolve, ms))
}
