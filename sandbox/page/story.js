/** One order's story: who said what to whom, oldest first, and at the end what is still to come. */
import { duration, element, money } from './element.js'

/** Words for what the provider will do by itself. */
const PLANS = {
  captured: 'The bank says yes: captured',
  authorized: 'The bank says yes: authorized',
  failed: 'The provider gives up: failed',
  refunded: 'Refunded at the dashboard',
  'part-refunded': 'Half of it refunded at the dashboard',
  release: 'Nobody captured it: it goes back',
  'refund-processed': 'The refund is processed',
  'refund-failed': 'The refund fails',
  'refund-returned': 'The bank sends the refund back',
}

/** @returns an ordered list; a solid rail is a fact, a stitched one a promise, a red one a refusal or a loss */
export function orderStory(state, order) {
  const payments = state.payments.filter((payment) => payment.order_id === order.id)
  const refunds = state.refunds.filter((refund) => payments.some(({ id }) => id === refund.payment_id))
  const ids = [order.id, ...payments.map(({ id }) => id), ...refunds.map(({ id }) => id)]
  const webhooks = state.webhooks.filter((event) => event.about === order.id).toReversed()
  const lines = [
    ...state.calls
      .filter((call) => ids.some((id) => mentions(call, id)))
      .toReversed()
      .map(callLine),
    ...payments.toReversed().map((payment) => paymentLine(payment, webhooks)),
    ...webhooks.flatMap(webhookLines),
    ...state.planned.filter(({ subject }) => ids.includes(subject)).map(planLine),
  ]
  // The sort is stable, so what happened at one moment keeps the order in which it is named above.
  lines.sort((a, b) => a.at - b.at)
  return element('ol', { class: 'story' }, ...lines.map((line) => toItem(line, state.now)))
}

function mentions({ path, response }, id) {
  return path.includes(id) || response.includes(id)
}

function callLine({ at, method, path, status, fault }) {
  const answer = status === 0 ? 'no answer' : status
  const looks = fault === null && status < 400 && status > 0 ? '' : 'bad'
  return {
    at,
    looks,
    who: 'Shop to provider',
    what: `${method} ${path.split('?')[0]}, ${answer}${fault === null ? '' : `, fault ${fault}`}`,
  }
}

/** A payment's own time is in whole seconds; the first webhook about it tells more exactly when it was tried. */
function paymentLine({ id, created_at: createdAt, method, amount, currency, status }, webhooks) {
  const at = webhooks.find(({ body }) => body.includes(id))?.createdAt ?? createdAt * 1000 + 999
  const looks = status === 'failed' ? 'bad' : status === 'created' ? 'later' : ''
  const what = [`${method} payment of `, money(amount, currency), `, now ${status}, `]
  return { at, looks, who: 'Shopper', what, id }
}

function webhookLines(event) {
  const who = event.forged ? 'Forger to shop' : 'Provider to shop'
  return event.deliveries.flatMap((delivery) => {
    const told = delivery.tries.map(({ at, status, answer }) => {
      const accepted = status >= 200 && status < 300
      return {
        at,
        who,
        looks: accepted === event.forged ? 'bad' : '',
        what: `${event.type}, ${status || answer || 'no answer'}`,
      }
    })
    if (delivery.status === 'waiting') told.push({ at: delivery.dueAt, who, looks: 'later', what: event.type })
    if (delivery.status === 'dropped')
      told.push({ at: event.createdAt, who, looks: 'never', what: `${event.type}, lost on purpose` })
    return told
  })
}

function planLine({ dueAt, kind }) {
  return { at: dueAt, looks: 'later', who: 'Provider', what: PLANS[kind] ?? kind }
}

function toItem({ at, looks, who, what, id }, now) {
  const when =
    looks === 'later' && at > now
      ? `in ${duration(at - now)}`
      : new Date(at).toLocaleTimeString('en-IN', { hour12: false })
  const words = Array.isArray(what) ? what : [what]
  return element(
    'li',
    { class: looks },
    element('span', { class: 'at' }, when),
    element('span', {}, element('b', {}, `${who}: `), ...words, id && element('span', { class: 'id' }, id)),
  )
}
