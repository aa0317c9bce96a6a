/**
 * What makes a delivery address one that a parcel can be sent to. The same check runs in the browser, to help early, and
 * on the server, which has the last word. It says what is wrong by field; each side finds its own words.
 */
import { hasNoPostalCode, isCountry, needsPostalCode, needsState } from './countries.ts'
import { indianState, isPinOf } from './india.ts'
import { cleanLine } from './text.ts'

/** Text as it was typed or sent. */
export interface TypedAddress {
  name: string
  phone: string
  line1: string
  line2?: string | undefined
  city: string
  state?: string | undefined
  postalCode?: string | undefined
  country: string
}

/** The address as it is kept: each line cleaned, a state by its name, no code where there are none. */
export interface Address {
  name: string
  phone: string
  line1: string
  line2?: string
  city: string
  state?: string
  postalCode?: string
  country: string
}

export type AddressPart = keyof Address

/** `unknown` is no country or state that there is, `elsewhere` a postal code of another state. */
export type AddressFault = 'missing' | 'too_long' | 'unknown' | 'malformed' | 'elsewhere'

export const LONGEST = { name: 100, line1: 200, line2: 200, city: 100, state: 100 } as const

const PIN = /^[1-9][0-9]{5}$/
const POSTAL_CODE = /^[A-Z0-9][A-Z0-9 -]{1,10}[A-Z0-9]$/

/** Cleans an address and says what is wrong with it; without faults it can be sent to. */
export function readAddress(typed: TypedAddress): {
  address: Address
  faults: Partial<Record<AddressPart, AddressFault>>
} {
  const faults: Partial<Record<AddressPart, AddressFault>> = {}
  const line = (part: keyof typeof LONGEST, isNeeded: boolean): string => {
    const text = cleanLine(typed[part] ?? '')
    if (text === '' && isNeeded) faults[part] = 'missing'
    if (text.length > LONGEST[part]) faults[part] = 'too_long'
    return text
  }
  const { country } = typed
  if (!isCountry(country)) faults.country = 'unknown'
  const line2 = line('line2', false)
  const typedState = line('state', needsState(country))
  const state = country === 'IN' ? (indianState(typedState) ?? typedState) : typedState
  if (country === 'IN' && state !== '' && indianState(state) === undefined) faults.state = 'unknown'
  const postalCode = postalCodeOf(typed.postalCode ?? '', country)
  const fault = postalCodeFault(postalCode, country, state)
  if (fault !== undefined) faults.postalCode = fault
  const address = {
    name: line('name', true),
    phone: typed.phone,
    line1: line('line1', true),
    ...(line2 === '' ? {} : { line2 }),
    city: line('city', true),
    ...(state === '' ? {} : { state }),
    ...(postalCode === '' ? {} : { postalCode }),
    country,
  }
  return { address, faults }
}

function postalCodeOf(typed: string, country: string): string {
  if (hasNoPostalCode(country)) return ''
  const code = cleanLine(typed).toUpperCase()
  return country === 'IN' ? code.replaceAll(' ', '') : code
}

function postalCodeFault(code: string, country: string, state: string): AddressFault | undefined {
  if (code === '') return isCountry(country) && needsPostalCode(country) ? 'missing' : undefined
  if (country !== 'IN') return POSTAL_CODE.test(code) ? undefined : 'malformed'
  if (!PIN.test(code)) return 'malformed'
  const there = indianState(state)
  return there === undefined || isPinOf(code, there) ? undefined : 'elsewhere'
}
