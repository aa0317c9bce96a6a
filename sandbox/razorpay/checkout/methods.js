/** UPI, card, netbanking, wallet, each with the one thing that test mode looks at. */
import { element, icon } from '/assets/element.js'
import { code } from './code.js'

const METHODS = [
  { name: 'upi', title: 'UPI' },
  { name: 'card', title: 'Card' },
  { name: 'netbanking', title: 'Netbanking' },
  { name: 'wallet', title: 'Wallet' },
]

const BANKS = { HDFC: 'HDFC Bank', ICIC: 'ICICI Bank', SBIN: 'State Bank of India', UTIB: 'Axis Bank' }
const WALLETS = { phonepe: 'PhonePe', amazonpay: 'Amazon Pay', airtelmoney: 'Airtel Money', mobikwik: 'MobiKwik' }

/** What a shopper can do in the app that a phone opens, or that scans the code on a desk, and which outcome that is. */
const IN_THE_APP = {
  captured: 'Approves, comes back',
  captured_handler_lost: 'Approves, never comes back',
  pending_then_captured: 'Approves a minute later',
  pending: 'Opens the app, never approves',
  failed: 'Declines',
}
const WITH_THE_CODE = {
  captured: 'Scans and pays',
  captured_handler_lost: 'Pays, and this page is gone',
  pending_then_captured: 'Pays a minute later',
  pending: 'Scans, never approves',
  failed: 'Declines',
}

const FAILING_VPA = 'failure@razorpay'

/**
 * @param {string | undefined} preferred the method that the shop asks to show first
 * @param {Record<string, string>} failingCards numbers of test mode that stand for a failure, with its reason
 * @param {{ upi: 'address' | 'app' | 'code', orderId: string }} how which way of UPI this shop and this screen have
 */
export function methodPicker(preferred, failingCards, { upi, orderId }) {
  const picker = { nodes: [], method: () => current, instrument, onSuggestion: () => {} }
  const fields = {
    upi: upiField(upi, orderId),
    card: textField('Card number', 'cardNumber', '4100 2800 0000 1007'),
    netbanking: choiceField('Bank', 'bank', BANKS),
    wallet: choiceField('Wallet', 'wallet', WALLETS),
  }
  let current = METHODS.some(({ name }) => name === preferred) ? preferred : 'upi'

  const tabs = METHODS.map(({ name, title }) => {
    const input = element('input', {
      type: 'radio',
      name: 'method',
      value: name,
      class: 'unseen',
      checked: name === current,
    })
    input.addEventListener('change', () => {
      current = name
      showField()
    })
    return element('label', { class: 'tab', 'data-method': name }, input, icon(name), element('span', {}, title))
  })

  function showField() {
    for (const [name, field] of Object.entries(fields)) field.node.hidden = name !== current
  }

  function instrument() {
    const { key, control } = fields[current]
    // What is done in the app is an outcome, and nothing that the shopper tells us.
    if (key === null) return {}
    return { [key]: control.value.trim() }
  }

  // Test mode knows addresses and numbers that fail; typing one chooses that outcome, and the other way back.
  fields.upi.control.addEventListener('input', () => {
    const value = fields.upi.control.value.trim()
    if (fields.upi.key === null) picker.onSuggestion(value)
    else picker.onSuggestion(value === FAILING_VPA ? 'failed' : 'captured')
  })
  fields.card.control.addEventListener('input', () => {
    const reason = failingCards[fields.card.control.value.replaceAll(/\D/g, '')]
    if (reason === undefined) picker.onSuggestion('captured')
    else picker.onSuggestion('failed', reason)
  })
  showField()
  picker.nodes = [
    element('b', { id: 'with' }, 'Pay with'),
    element('div', { class: 'tabs', role: 'radiogroup', 'aria-labelledby': 'with' }, ...tabs),
    ...Object.values(fields).map((field) => field.node),
  ]
  return picker
}

/**
 * UPI by a typed address was ended in February 2026: a shop hides it, and then a phone opens the app and a desk shows a
 * code to scan.
 */
function upiField(way, orderId) {
  if (way === 'address') return textField('UPI address', 'vpa', 'success@razorpay')
  const field = choiceField(
    way === 'app' ? 'In the UPI app' : 'With the code',
    'deed',
    way === 'app' ? IN_THE_APP : WITH_THE_CODE,
  )
  if (way === 'code') field.node.prepend(code(orderId))
  return { ...field, key: null }
}

function textField(title, key, value) {
  const control = element('input', {
    name: key,
    value,
    autocomplete: 'off',
    spellcheck: 'false',
    inputmode: key === 'cardNumber' ? 'numeric' : null,
  })
  return { key, control, node: element('label', { class: 'field' }, element('span', {}, title), control) }
}

function choiceField(title, key, choices) {
  const options = Object.entries(choices).map(([value, name]) => element('option', { value }, name))
  const control = element('select', { name: key }, ...options)
  return { key, control, node: element('label', { class: 'field' }, element('span', {}, title), control) }
}
