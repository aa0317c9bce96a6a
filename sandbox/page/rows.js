/** The three lists of the page: orders with their payments, webhooks with their attempts, API calls. */
import { duration, element, money } from './element.js'
import { orderStory } from './story.js'

/** What each word of the provider and of deliveries looks like; the shape tells it, the colour repeats it. */
const LOOKS = {
  created: 'pending',
  attempted: 'pending',
  authorized: 'processing',
  captured: 'paid',
  paid: 'paid',
  processed: 'paid',
  delivered: 'paid',
  refused: 'paid',
  accepted: 'failed',
  failed: 'failed',
  given_up: 'failed',
  disabled: 'failed',
  refunded: 'refunded',
  pending: 'pending',
  waiting: 'pending',
  dropped: 'none',
}

const SVG = 'http://www.w3.org/2000/svg'
const RING = 'M8 1.5a6.5 6.5 0 1 1 0 13 6.5 6.5 0 0 1 0-13z'
const GLYPHS = {
  pending: [{ d: RING, fill: 'none', stroke: 'currentColor', 'stroke-width': 2, 'stroke-dasharray': '3 2.1' }],
  processing: [
    { d: 'M8 1.5a6.5 6.5 0 0 1 0 13', fill: 'none', stroke: 'currentColor', 'stroke-width': 2 },
    {
      d: 'M8 14.500a6.5 6.5 0 0 1 0-13',
      fill: 'none',
      stroke: 'currentColor',
      'stroke-width': 2,
      'stroke-dasharray': '2.6 2',
    },
  ],
  paid: [
    { d: 'M8 .5a7.5 7.5 0 1 1 0 15 7.5 7.5 0 0 1 0-15z', fill: 'currentColor' },
    { d: 'M4.6 8.300l2.3 2.3 4.5-5', fill: 'none', stroke: 'var(--surface)', 'stroke-width': 1.8 },
  ],
  failed: [
    { d: 'M5 .8h6L15.2 5v6L11 15.200H5L.8 11V5z', fill: 'currentColor' },
    { d: 'M5.3 5.300l5.4 5.400M10.7 5.300l-5.4 5.4', fill: 'none', stroke: 'var(--surface)', 'stroke-width': 1.8 },
  ],
  refunded: [
    { d: 'M5.5 2.5 2 6l3.5 3.500M2 6h7.500a4 4 0 0 1 0 8H7', fill: 'none', stroke: 'currentColor', 'stroke-width': 2 },
  ],
  none: [{ d: RING, fill: 'none', stroke: 'currentColor', 'stroke-width': 1.2 }],
}

/** A state as glyph and word. */
export function status(word) {
  const look = LOOKS[word] ?? 'none'
  const svg = document.createElementNS(SVG, 'svg')
  svg.setAttribute('viewBox', '0 0 16 16')
  svg.setAttribute('aria-hidden', 'true')
  for (const attributes of GLYPHS[look]) {
    const path = document.createElementNS(SVG, 'path')
    for (const [name, value] of Object.entries(attributes)) path.setAttribute(name, value)
    svg.append(path)
  }
  return element('span', { class: `status ${look}` }, svg, word.replaceAll('_', ' '))
}

function time(ms) {
  const date = new Date(ms)
  const shown = date.toLocaleTimeString('en-IN', { hour12: false })
  return element('time', { class: 'when', datetime: date.toISOString(), title: date.toISOString() }, shown)
}

function pretty(text) {
  try {
    return JSON.stringify(JSON.parse(text), null, 2)
  } catch {
    return text
  }
}

/** A row that opens; whether it is open is remembered across updates in `open`. */
function opening(id, open, cells, inside) {
  const details = element('details', { open: open.has(id) }, element('summary', { class: 'row' }, ...cells))
  const fill = () => {
    if (details.open && details.querySelector('.inside') === null)
      details.append(element('div', { class: 'inside' }, ...inside()))
  }
  details.addEventListener('toggle', () => {
    if (details.open) open.add(id)
    else open.delete(id)
    fill()
  })
  fill()
  return details
}

function list(rows, whenEmpty) {
  return rows.length === 0 ? element('p', { class: 'empty' }, whenEmpty) : element('div', { class: 'rows' }, ...rows)
}

export function orderRows(state, open, act) {
  const rows = state.orders.map((order) => {
    const payments = state.payments.filter((payment) => payment.order_id === order.id)
    const cells = [
      status(order.status),
      element(
        'span',
        {},
        element('span', { class: 'id' }, order.id),
        ' ',
        element('span', { class: 'quiet small' }, order.receipt ?? ''),
      ),
      element('span', { class: 'amount' }, money(order.amount, order.currency)),
      time(order.created_at * 1000),
    ]
    return opening(order.id, open, cells, () => [
      orderStory(state, order),
      ...payments.map((payment) => paymentRow(payment, state, act)),
      playForm(order, state, act),
    ])
  })
  return list(rows, 'No orders yet. The first call to POST /razorpay/v1/orders shows here.')
}

function paymentRow(payment, state, act) {
  const refunds = state.refunds.filter((refund) => refund.payment_id === payment.id)
  const moves = {
    created: ['captured', 'authorized', 'failed'],
    failed: ['captured', 'authorized'],
    authorized: ['captured', 'refunded'],
    captured: ['refunded'],
  }
  const buttons = (moves[payment.status] ?? []).map((to) =>
    button(`Make it ${to}`, () =>
      act(`/razorpay/_sandbox/payments/${payment.id}/advance`, { to }, `${payment.id} is ${to}.`),
    ),
  )
  return element(
    'div',
    { class: 'payment' },
    status(payment.status),
    element(
      'span',
      { class: 'small' },
      element('span', { class: 'id' }, payment.id),
      ` ${payment.method}`,
      payment.error_reason && ` ${payment.error_reason}`,
      payment.refund_status === 'partial' && ' partly refunded',
    ),
    money(payment.amount, payment.currency),
    buttons.length > 0 && element('span', { class: 'actions' }, ...buttons),
    ...refunds.flatMap((refund) => [
      status(refund.status),
      element('span', { class: 'id' }, refund.id),
      element('span', {}, '\u2212', money(refund.amount, refund.currency)),
    ]),
  )
}

function playForm(order, state, act) {
  const options = state.scenarios.map(({ name, title }) => element('option', { value: name }, `${title} (${name})`))
  const choice = element('select', { 'aria-label': 'Scenario' }, ...options)
  const play = button('Play it', () => {
    const again = order.status === 'paid'
    act(
      '/razorpay/_sandbox/pay',
      { orderId: order.id, outcome: choice.value, allowPaid: again },
      `${choice.value} was played.`,
    )
  })
  return element('div', { class: 'actions' }, choice, play)
}

export function webhookRows(state, open, act, alter) {
  const rows = state.webhooks.map((event) => {
    const cells = [
      status(outcomeOf(event)),
      element(
        'span',
        {},
        element('b', {}, event.type),
        event.forged && ', a forgery',
        ' ',
        element('span', { class: 'id' }, event.id),
      ),
      element('span', { class: 'amount small quiet' }, answersOf(event)),
      time(event.createdAt),
    ]
    return opening(event.id, open, cells, () => [
      ...event.deliveries.map((delivery) => deliveryRow(delivery, state.now)),
      element(
        'div',
        { class: 'actions' },
        button('Send again', () => act(`/razorpay/_sandbox/webhooks/${event.id}/resend`, {}, resendWords)),
        button('Alter and send', () => alter(event)),
      ),
      element('pre', { tabindex: '0' }, pretty(event.body)),
    ])
  })
  return list(rows, 'No webhooks yet. They follow from payments and refunds.')
}

/** What the receivers said to a webhook that was sent again, as a sentence. */
export function resendWords({ deliveries }) {
  if (deliveries.length === 0) return 'There is no receiver to send it to.'
  return deliveries.map(({ url, status: code, answer }) => `${url} answered ${code || answer}.`).join(' ')
}

function outcomeOf(event) {
  if (event.deliveries.length === 0) return 'dropped'
  // A forgery that is refused is a receiver that does its work; one that is accepted is a hole.
  if (event.forged) return event.deliveries.some(({ status: word }) => word === 'delivered') ? 'accepted' : 'refused'
  const states = event.deliveries.filter(({ kind }) => kind !== 'resend').map((delivery) => delivery.status)
  for (const word of ['waiting', 'disabled', 'given_up', 'dropped']) if (states.includes(word)) return word
  return 'delivered'
}

function answersOf(event) {
  const codes = event.deliveries.flatMap(({ tries }) => tries.map((each) => each.status || 'none'))
  if (event.deliveries.length === 0) return 'no receiver'
  return codes.length === 0 ? '' : codes.slice(-4).join(', ')
}

function deliveryRow(delivery, now) {
  const forged = delivery.kind === 'forged'
  const looks = {
    delivered: forged ? 'failed' : '',
    waiting: 'waiting',
    given_up: forged ? '' : 'failed',
    disabled: 'failed',
    dropped: 'none',
  }
  const kinds = { scheduled: '', duplicate: ', the second copy', resend: ', sent again', forged: ', forged' }
  const lines = delivery.tries.map((each) => {
    const altered = delivery.body === null ? '' : ' with another body'
    const words = each.status === 0 ? each.answer : `${each.status} ${each.answer}`
    return element('li', {}, time(each.at), ` ${words || 'no answer'} after ${each.durationMs} ms${altered}`)
  })
  if (delivery.status === 'waiting') {
    const wait = duration(delivery.dueAt - now)
    lines.push(element('li', {}, delivery.attempts === 0 ? `Goes out in ${wait}` : `Tried again in ${wait}`))
  }
  if (delivery.status === 'dropped') lines.push(element('li', {}, 'Lost on purpose: never sent'))
  if (delivery.status === 'disabled') lines.push(element('li', {}, 'The receiver failed for a day and is disabled'))
  return element(
    'div',
    { class: `attempts ${looks[delivery.status]}` },
    element('span', { class: 'small' }, `${delivery.url}${kinds[delivery.kind]}`),
    element('ul', {}, ...lines),
  )
}

export function callRows(state, open) {
  const rows = state.calls.map((call) => {
    const good = call.status >= 200 && call.status < 300 && call.fault === null
    const word = call.status === 0 ? 'no answer' : String(call.status)
    const shown = status(good ? 'delivered' : 'failed')
    shown.lastChild.textContent = word
    const cells = [
      shown,
      element('span', {}, element('b', {}, call.method), ' ', element('span', { class: 'id' }, call.path)),
      element(
        'span',
        { class: 'amount small quiet' },
        call.fault === null ? `${call.durationMs} ms` : `fault: ${call.fault}`,
      ),
      time(call.at),
    ]
    return opening(`call-${call.sequence}`, open, cells, () => [
      call.request !== '' && element('pre', { tabindex: '0' }, pretty(call.request)),
      element('pre', { tabindex: '0' }, pretty(call.response)),
    ])
  })
  return list(rows, 'No calls yet.')
}

export function button(words, onclick, kind = '') {
  return element('button', { type: 'button', class: `button ${kind}`, onclick }, words)
}
