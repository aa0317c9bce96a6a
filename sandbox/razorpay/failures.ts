/**
 * Why a payment attempt fails, with what Razorpay says then. The reasons of cards are those of its list of test cards
 * (razorpay.com/docs/payments/payments/test-card-details).
 */

export interface Failure {
  reason: string
  title: string
  code: 'BAD_REQUEST_ERROR' | 'GATEWAY_ERROR'
  description: string
  source: 'bank' | 'customer' | 'gateway' | 'issuer_bank'
  step: 'payment_authorization' | 'payment_authentication' | 'payment_initiation'
}

export const FAILURES: readonly [Failure, ...Failure[]] = [
  {
    reason: 'payment_failed',
    title: 'Declined by the bank',
    code: 'BAD_REQUEST_ERROR',
    description: 'Your payment was declined by the bank. Try another way to pay.',
    source: 'bank',
    step: 'payment_authorization',
  },
  {
    reason: 'insufficient_fund',
    title: 'Not enough money',
    code: 'BAD_REQUEST_ERROR',
    description: 'Your account does not have enough money for this payment.',
    source: 'customer',
    step: 'payment_authorization',
  },
  {
    reason: 'payment_cancelled',
    title: 'Cancelled by the shopper',
    code: 'BAD_REQUEST_ERROR',
    description: 'You may have cancelled the payment or there was a delay in the response from the bank.',
    source: 'customer',
    step: 'payment_authentication',
  },
  {
    reason: 'payment_timed_out',
    title: 'Took too long',
    code: 'BAD_REQUEST_ERROR',
    description: 'The payment was not completed in time.',
    source: 'customer',
    step: 'payment_authentication',
  },
  {
    reason: 'card_declined',
    title: 'Card declined',
    code: 'BAD_REQUEST_ERROR',
    description: 'The issuing bank declined this card.',
    source: 'issuer_bank',
    step: 'payment_authorization',
  },
  {
    reason: 'card_disabled_for_online_payments',
    title: 'Card closed to online payments',
    code: 'BAD_REQUEST_ERROR',
    description: 'This card is not enabled for online payments.',
    source: 'customer',
    step: 'payment_authorization',
  },
  {
    reason: 'card_number_invalid',
    title: 'Wrong card number',
    code: 'BAD_REQUEST_ERROR',
    description: 'The card number is not valid.',
    source: 'customer',
    step: 'payment_initiation',
  },
  {
    reason: 'authentication_failed',
    title: 'Bank could not identify the shopper',
    code: 'GATEWAY_ERROR',
    description: 'The bank could not authenticate this payment.',
    source: 'gateway',
    step: 'payment_authentication',
  },
  {
    reason: 'gateway_technical_error',
    title: 'Trouble at the bank',
    code: 'GATEWAY_ERROR',
    description: 'The payment failed because of a technical error at the bank.',
    source: 'gateway',
    step: 'payment_authorization',
  },
]

/** Card numbers of test mode that stand for a failure, by their last four digits and reason. */
export const FAILING_CARDS: Readonly<Record<string, string>> = {
  '4100280000090000': 'payment_timed_out',
  '4100280000080001': 'insufficient_fund',
  '4100280000070002': 'payment_cancelled',
  '4100280000060003': 'card_declined',
  '4100280000030006': 'card_disabled_for_online_payments',
  '4100280000010008': 'card_number_invalid',
  '4100280000020007': 'gateway_technical_error',
  '4100280000000009': 'authentication_failed',
}

/** The failure of that reason, or the plain one of a bank that declines. */
export function findFailure(reason: string | undefined): Failure {
  return FAILURES.find((failure) => failure.reason === reason) ?? FAILURES[0]
}
