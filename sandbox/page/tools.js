/** The right column: faults, receivers, time, keys, and a fresh start. */
import { duration, element } from './element.js'
import { button } from './rows.js'

const KINDS = {
  'POST /v1/orders': [
    'effect-then-drop',
    'effect-then-hang',
    'effect-then-status',
    'effect-then-html',
    'effect-then-truncate',
    'error',
    'status',
    'hang',
    'reset',
    'html',
    'delay',
  ],
  'payment.captured': ['webhook-drop', 'webhook-duplicate', 'webhook-delay', 'webhook-reorder', 'webhook-forge'],
}

const WORDS = {
  'effect-then-drop': 'Done, then the line drops',
  'effect-then-hang': 'Done, then no answer',
  'effect-then-status': 'Done, then an error status',
  'effect-then-html': 'Done, then a web page',
  'effect-then-truncate': 'Done, then half an answer',
  error: 'Its own error',
  status: 'Error status',
  hang: 'No answer',
  reset: 'Connection reset',
  html: 'A web page',
  delay: 'Slow answer',
  'webhook-drop': 'Webhook lost',
  'webhook-duplicate': 'Webhook twice',
  'webhook-delay': 'Webhook late',
  'webhook-reorder': 'Webhooks in reverse',
  'webhook-forge': 'A forged one before it',
}

/** Builds the column once; the result is called with each new state. */
export function tools(root, act, keys) {
  const faults = element('ul', { class: 'listed' })
  const receivers = element('ul', { class: 'listed' })
  const planned = element('ul', { class: 'listed' })
  root.replaceChildren(
    section('Break something', faults, faultForm(act)),
    section('Receivers of webhooks', receivers, receiverForm(act)),
    section('Time', planned, clockForm(act)),
    section('Keys', keyList(keys)),
    section(
      'A fresh start',
      element('p', { class: 'small quiet' }, 'Forgets orders, payments, webhooks and faults. Keys stay.'),
      resetButton(act),
    ),
  )
  return (state) => {
    faults.replaceChildren(...state.faults.filter((fault) => fault.times > 0).map((fault) => faultRow(fault, act)))
    receivers.replaceChildren(...state.webhookUrls.map((receiver) => receiverRow(receiver, act)))
    planned.replaceChildren(...state.planned.map((step) => plannedRow(step, state.now)))
  }
}

function section(title, ...content) {
  return element('section', {}, element('h2', {}, title), ...content)
}

function faultForm(act) {
  const kind = element(
    'select',
    { name: 'kind' },
    element('optgroup', { label: 'Calls' }, ...KINDS['POST /v1/orders'].map(kindOption)),
    element('optgroup', { label: 'Webhooks' }, ...KINDS['payment.captured'].map(kindOption)),
  )
  const match = element('input', { name: 'match', value: 'POST /v1/orders', spellcheck: 'false' })
  const times = element('input', { name: 'times', type: 'number', min: 1, value: 1 })
  kind.addEventListener('change', () => {
    match.value = kind.value.startsWith('webhook-') ? 'payment.captured' : 'POST /v1/orders'
  })
  const form = element(
    'form',
    {},
    element('label', {}, 'What happens', kind),
    element('div', { class: 'pair' }, element('label', {}, 'To', match), element('label', {}, 'How many times', times)),
    element('button', { class: 'button primary' }, 'Break it'),
  )
  form.addEventListener('submit', (event) => {
    event.preventDefault()
    const rule = { kind: kind.value, match: match.value, times: Number(times.value) }
    act('/razorpay/_sandbox/faults', rule, `${WORDS[rule.kind]}: waits for the next match.`)
  })
  return form
}

function kindOption(kind) {
  return element('option', { value: kind }, WORDS[kind])
}

function faultRow(fault, act) {
  const remove = button('Mend', () => act(`/razorpay/_sandbox/faults/${fault.id}`, undefined, 'Mended.', 'DELETE'))
  return element(
    'li',
    {},
    element(
      'span',
      {},
      `${WORDS[fault.kind] ?? fault.kind} `,
      element('span', { class: 'id' }, fault.match),
      `, ${fault.times} left`,
    ),
    remove,
  )
}

function receiverForm(act) {
  const url = element('input', { type: 'url', required: true, placeholder: '', spellcheck: 'false' })
  const form = element(
    'form',
    {},
    element('label', {}, 'Another address', url),
    element('button', { class: 'button' }, 'Add it'),
  )
  form.addEventListener('submit', (event) => {
    event.preventDefault()
    act('/razorpay/_sandbox/webhook-urls', { url: url.value }, 'Every new webhook goes there too.')
    url.value = ''
  })
  return form
}

function receiverRow({ url, enabled, failingSince }, act) {
  const words = !enabled ? 'disabled' : failingSince === null ? '' : 'failing'
  const again = enabled
    ? null
    : button('Enable', () => act('/razorpay/_sandbox/webhook-urls', { url }, 'Enabled again.'))
  return element('li', {}, element('span', {}, url), words && element('span', {}, words), again)
}

function clockForm(act) {
  const skip = (words, seconds) => button(words, () => act('/_sandbox/clock/advance', { seconds }, `${words} passed.`))
  return element('div', { class: 'actions' }, skip('90 seconds', 90), skip('10 minutes', 600), skip('1 day', 86_400))
}

function plannedRow({ dueAt, kind, subject }, now) {
  return element(
    'li',
    {},
    element('span', {}, `${kind} in ${duration(dueAt - now)} `, element('span', { class: 'id' }, subject)),
  )
}

function keyList(keys) {
  const entries = Object.entries(keys)
  const names = { keyId: 'Key id', keySecret: 'Key secret', webhookSecret: 'Webhook secret' }
  return element(
    'dl',
    { class: 'keys' },
    ...entries.flatMap(([name, value]) => [
      element('dt', {}, names[name] ?? name),
      element('dd', { class: 'id' }, value),
    ]),
  )
}

function resetButton(act) {
  return button('Forget everything', () => act('/_sandbox/reset', {}, 'Everything is forgotten.'))
}
