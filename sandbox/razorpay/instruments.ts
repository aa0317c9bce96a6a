/** What a payment shows of the way it was paid: UPI address, card, bank or wallet, and the bank's own references. */
import type { Identifiers } from '../identifiers.ts'
import type { Card, Method, Payment } from './entities.ts'

/** What the shopper typed or chose in the payment window. */
export interface Instrument {
  vpa?: string
  cardNumber?: string
  bank?: string
  wallet?: string
}

type MethodFields = Pick<Payment, 'method' | 'card_id' | 'bank' | 'wallet' | 'vpa' | 'upi'>

const DEFAULT_VPA = 'success@razorpay'
const DEFAULT_CARD = '4100280000001007'
const DEFAULT_BANK = 'HDFC'
const DEFAULT_WALLET = 'phonepe'

/** Cards of test mode that are not Indian. */
const INTERNATIONAL_CARDS = new Set(['5555555555554444', '4012888888881881'])

/** The fields of a payment that depend on the method, and the card, which the API shows only when asked to expand. */
export function instrumentFields(
  ids: Identifiers,
  method: Method,
  instrument: Instrument,
): { fields: MethodFields; card: Card | null } {
  const fields: MethodFields = { method, card_id: null, bank: null, wallet: null, vpa: null }
  switch (method) {
    case 'upi': {
      const vpa = instrument.vpa ?? DEFAULT_VPA
      return {
        // A typed address is the way that ended in February 2026; an app or a scanned code is intent.
        fields: {
          ...fields,
          vpa,
          upi: { vpa, flow: instrument.vpa === undefined ? 'intent' : 'collect', payer_account_type: 'bank_account' },
        },
        card: null,
      }
    }
    case 'card': {
      const card = cardEntity(ids, (instrument.cardNumber ?? DEFAULT_CARD).replaceAll(/\D/g, ''))
      return { fields: { ...fields, card_id: card.id }, card }
    }
    case 'netbanking':
      return { fields: { ...fields, bank: instrument.bank ?? DEFAULT_BANK }, card: null }
    case 'wallet':
      return { fields: { ...fields, wallet: instrument.wallet ?? DEFAULT_WALLET }, card: null }
  }
}

/** The bank's references, which exist once it has said yes. */
export function acquirerData(ids: Identifiers, method: Method): Record<string, string> {
  switch (method) {
    case 'upi':
      return { rrn: ids.digits(12), upi_transaction_id: ids.text(32).toUpperCase() }
    case 'card':
      return { auth_code: ids.digits(6), rrn: ids.digits(12) }
    case 'netbanking':
      return { bank_transaction_id: ids.digits(10) }
    case 'wallet':
      return { transaction_id: ids.digits(12) }
  }
}

/** The same references before the bank has answered. */
export function emptyAcquirerData(method: Method): Record<string, null> {
  switch (method) {
    case 'upi':
      return { rrn: null }
    case 'card':
      return { auth_code: null }
    case 'netbanking':
      return { bank_transaction_id: null }
    case 'wallet':
      return { transaction_id: null }
  }
}

function cardEntity(ids: Identifiers, number: string): Card {
  const international = INTERNATIONAL_CARDS.has(number)
  return {
    id: `card_${ids.text(14)}`,
    entity: 'card',
    name: '',
    last4: number.slice(-4).padStart(4, '0'),
    network: network(number),
    type: 'credit',
    issuer: international ? null : 'UTIB',
    international,
    emi: false,
    sub_type: 'consumer',
    token_iin: null,
  }
}

function network(number: string): string {
  if (number.startsWith('4')) return 'Visa'
  if (/^(34|37)/.test(number)) return 'American Express'
  if (/^(36|38|30)/.test(number)) return 'Diners Club'
  if (/^(60|65|81|82|508)/.test(number)) return 'RuPay'
  return 'MasterCard'
}
