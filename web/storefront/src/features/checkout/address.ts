/**
 * The delivery form: what may be typed, what is said when it cannot be right, and the address that is sent. It only
 * helps the shopper early; the server checks again and has the last word.
 */
import { LONGEST, readAddress, type AddressFault, type TypedAddress } from '../../../../../shared/address.ts'
import { stateOfPin } from '../../../../../shared/india.ts'
import type { FieldProblem } from '../../../../../client/api-error.ts'
import type { ShippingAddress } from '../../../../../client/shapes.ts'

export type AddressForm = {
  email: string
  name: string
  /** Ten digits; the country code stands before the field. */
  phone: string
  postalCode: string
  line1: string
  line2: string
  city: string
  state: string
}
export type AddressField = keyof AddressForm

/** In the order of the form: focus goes to the first that is wrong. */
export const ADDRESS_FIELDS = [
  'email',
  'name',
  'phone',
  'postalCode',
  'line1',
  'line2',
  'city',
  'state',
] as const satisfies readonly AddressField[]

export const EMPTY_ADDRESS: AddressForm = {
  email: '',
  name: '',
  phone: '',
  postalCode: '',
  line1: '',
  line2: '',
  city: '',
  state: '',
}

/** What is wrong with a field and how to put it right; null when it can be sent. */
export function addressProblem(field: AddressField, form: AddressForm): string | null {
  if (field === 'email') return emailProblem(form.email.trim())
  if (field === 'phone') return phoneProblem(phoneDigits(form.phone))
  const fault = readAddress(typedAddress(form)).faults[field]
  return fault === undefined ? null : wordsFor(field, fault, form)
}

function emailProblem(text: string): string | null {
  if (text === '') return 'So that the shop can reach you about this order.'
  return /^[^\s@]+@[^\s@]+\.[^\s@]{2,}$/.test(text) && text.length <= 254
    ? null
    : 'That is not a whole address yet, like ananya@example.com.'
}

function phoneProblem(digits: string): string | null {
  if (digits === '') return 'The courier calls before coming.'
  if (digits.length !== 10) return `Ten digits, please. This has ${digits.length}.`
  return /^[6-9]/.test(digits) ? null : 'Mobile numbers in India begin with 6, 7, 8 or 9.'
}

const MISSING = {
  name: 'Whom should the courier ask for?',
  postalCode: 'Six digits, as on a letter.',
  line1: 'House and street, so that the box finds you.',
  line2: '',
  city: 'Town or city, please.',
  state: 'Please pick a state.',
} as const

function wordsFor(field: keyof typeof MISSING, fault: AddressFault, form: AddressForm): string {
  switch (fault) {
    case 'missing':
      return MISSING[field]
    case 'too_long':
      return `At most ${LONGEST[field === 'postalCode' ? 'name' : field]} letters, please. This has ${form[field].trim().length}.`
    case 'unknown':
      return MISSING.state
    case 'malformed':
      return pinProblem(form.postalCode.replaceAll(/\s/g, ''))
    case 'elsewhere':
      return elsewhere(form)
  }
}

function pinProblem(digits: string): string {
  if (/\D/.test(digits)) return 'Digits only, please.'
  if (digits.length !== 6) return `Six digits, please. This has ${digits.length}.`
  return 'A PIN code does not begin with 0.'
}

function elsewhere(form: AddressForm): string {
  const there = stateOfPin(form.postalCode.replaceAll(/\s/g, ''))
  return there === undefined
    ? 'There is no such PIN code.'
    : `That PIN code is in ${there}, not in ${form.state}. Which of the two is right?`
}

/** The problems of all fields that are asked for. */
export function addressProblems(
  form: AddressForm,
  asked: readonly AddressField[],
): Partial<Record<AddressField, string>> {
  const problems: Partial<Record<AddressField, string>> = {}
  for (const field of asked) {
    const problem = addressProblem(field, form)
    if (problem !== null) problems[field] = problem
  }
  return problems
}

/** The digits of an Indian number, however it was pasted: +91 98123 45210, 098123-45210, 9812345210. */
export function phoneDigits(value: string): string {
  const digits = value.replaceAll(/\D/g, '')
  if (digits.length === 12 && digits.startsWith('91')) return digits.slice(2)
  if (digits.length === 11 && digits.startsWith('0')) return digits.slice(1)
  return digits
}

/** The address as the API takes it, from a form without problems. */
export function shippingAddress(form: AddressForm): ShippingAddress {
  return readAddress(typedAddress(form)).address
}

function typedAddress({ name, phone, line1, line2, city, state, postalCode }: AddressForm): TypedAddress {
  return { name, phone: `+91${phoneDigits(phone)}`, line1, line2, city, state, postalCode, country: 'IN' }
}

/** The form of an address that was used before. */
export function formOfAddress(address: ShippingAddress, email: string | null): AddressForm {
  return {
    email: email ?? '',
    name: address.name,
    phone: phoneDigits(address.phone),
    postalCode: address.postalCode ?? '',
    line1: address.line1,
    line2: address.line2 ?? '',
    city: address.city,
    state: address.state ?? '',
  }
}

/** The server's own objections, at the fields they are about. */
export function problemsFromServer(problems: readonly FieldProblem[]): Partial<Record<AddressField, string>> {
  const found: Partial<Record<AddressField, string>> = {}
  for (const { field, message } of problems) {
    const name = field.split(/[./]/).at(-1)
    const known = ADDRESS_FIELDS.find((candidate) => candidate === name)
    if (known !== undefined) found[known] ??= message
  }
  return found
}

/** A form from storage; what is not text stays empty. */
export function parseAddressForm(value: unknown): AddressForm {
  const stored = (typeof value === 'object' && value !== null ? value : {}) as Record<string, unknown>
  const form = { ...EMPTY_ADDRESS }
  for (const field of ADDRESS_FIELDS) {
    const text = stored[field]
    if (typeof text === 'string') form[field] = text
  }
  return form
}
