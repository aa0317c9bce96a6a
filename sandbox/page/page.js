/** Asks the sandbox what happened, shows it, and does what is asked on the page through the same control API as tests. */
import { element } from './element.js'
import { button, callRows, orderRows, resendWords, webhookRows } from './rows.js'
import { tools } from './tools.js'

const POLL_MS = 1500
const TOLD_MS = 6000
const SECTIONS = ['orders', 'webhooks', 'calls']

const open = new Set()
const parts = Object.fromEntries(
  ['answer', 'answer-detail', 'new', 'orders', 'webhooks', 'calls', 'tools', 'alter', 'told'].map((id) => [
    id,
    document.getElementById(id),
  ]),
)
let scenarios = []
let shown = null
let waiting = null
let showTools = () => {}

await start()

async function start() {
  try {
    const [keys, known] = await Promise.all([getJson('/_sandbox/keys'), getJson('/_sandbox/scenarios')])
    scenarios = known
    showTools = tools(parts.tools, act, keys.razorpay)
  } catch {
    // The page polls until the sandbox is back and then needs a reload for its keys.
  }
  parts.new.addEventListener('click', () => render(waiting))
  await poll()
}

async function poll() {
  try {
    const known = waiting ?? shown
    const state = await getJson(
      `/razorpay/_sandbox/state?limit=40${known === null ? '' : `&revision=${known.revision}`}`,
    )
    if (!state.unchanged) receive(state)
    else if (waiting !== null) receive(waiting)
  } catch {
    parts.answer.textContent = 'The sandbox does not answer'
    parts['answer-detail'].textContent = 'It is asked again every second and a half.'
    shown = null
  }
  window.setTimeout(poll, POLL_MS)
}

/**
 * Rows do not move under a pointer or a focus: a section in use keeps what it shows until it is asked for the new or is
 * left alone; the others go on.
 */
function receive(state) {
  const held = shown === null ? [] : SECTIONS.filter((name) => isInUse(parts[name]))
  render(state, held)
  if (held.length === 0) return
  waiting = state
  parts.new.hidden = false
  parts.new.textContent = 'Something new happened. Show it'
}

function isInUse(part) {
  const section = part.closest('section')
  return section.matches(':hover') || section.matches(':focus-within')
}

function render(state, held = []) {
  shown = { ...state, scenarios }
  waiting = null
  parts.new.hidden = true
  const [answer, detail] = summarize(shown)
  parts.answer.textContent = answer
  parts['answer-detail'].textContent = detail
  document.title = `${answer} · Sandbox`
  const rows = {
    orders: () => orderRows(shown, open, act),
    webhooks: () => webhookRows(shown, open, act, alter),
    calls: () => callRows(shown, open),
  }
  for (const name of SECTIONS) if (!held.includes(name)) parts[name].replaceChildren(rows[name]())
  showTools(shown)
  document.body.classList.remove('asking')
}

/** One sentence on what is the matter, and one on what waits. */
function summarize({ orders, payments, webhooks, webhookUrls }) {
  if (orders.length === 0) return ['Nothing has been ordered yet', 'Point a shop at this address and make an order.']
  const captured = payments.filter(({ status }) => status === 'captured').length
  const failed = payments.filter(({ status }) => status === 'failed').length
  const undelivered = webhooks.filter(({ deliveries }) => deliveries.some(({ status }) => status === 'waiting')).length
  const answer = [`${counted(captured, 'payment')} captured`, failed > 0 && `${failed} declined`]
    .filter(Boolean)
    .join(', ')
  const hooks =
    webhookUrls.length === 0
      ? 'Webhooks have no receiver.'
      : undelivered === 0
        ? 'No webhook is waiting.'
        : `${counted(undelivered, 'webhook')} waiting to be delivered.`
  return [answer, `${counted(orders.length, 'order')}. ${hooks}`]
}

function counted(count, thing) {
  return `${count} ${thing}${count === 1 ? '' : 's'}`
}

/** Does one thing through the control API and says what came of it. `words` is a sentence or makes one of the answer. */
async function act(path, body, words, method = 'POST') {
  try {
    const answer = await fetch(path, {
      method,
      headers: body === undefined ? {} : { 'content-type': 'application/json' },
      body: body === undefined ? undefined : JSON.stringify(body),
    })
    const result = await answer.json()
    if (answer.ok) tell(typeof words === 'function' ? words(result) : words)
    else tell(result.message)
    render(await getJson('/razorpay/_sandbox/state?limit=40'))
  } catch {
    tell('The sandbox does not answer. Nothing was done.')
  }
}

/** Lets a person change a webhook's body and send it with the signature of the true one. */
function alter(event) {
  const body = element('textarea', { spellcheck: 'false', 'aria-label': 'Body' })
  body.value = event.body
  const dialog = parts.alter
  const send = button(
    'Send the altered body',
    () => {
      dialog.close()
      void act(`/razorpay/_sandbox/webhooks/${event.id}/resend`, { body: body.value }, resendWords)
    },
    'primary',
  )
  dialog.replaceChildren(
    element('h2', { id: 'alter-title' }, `Alter ${event.type}?`),
    element('p', {}, 'It keeps the signature of the true body, so a careful receiver refuses it with 400.'),
    body,
    element(
      'div',
      { class: 'actions' },
      button('Leave it', () => dialog.close()),
      send,
    ),
  )
  dialog.showModal()
}

let toldTimer
function tell(words) {
  parts.told.textContent = words
  parts.told.hidden = false
  window.clearTimeout(toldTimer)
  toldTimer = window.setTimeout(() => {
    parts.told.hidden = true
  }, TOLD_MS)
}

async function getJson(path) {
  const answer = await fetch(path)
  if (!answer.ok) throw new Error(`${path} answered ${answer.status}`)
  return answer.json()
}
