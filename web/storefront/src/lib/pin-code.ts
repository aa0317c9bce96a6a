/**
 * Indian PIN codes: which state one lies in. The first two digits name a postal circle, the third a sorting district
 * (India Post); where a circle covers several states, longer prefixes tell them apart. It fills a field for the
 * shopper, who can change it: a wrong guess costs a tap, so it never refuses anything.
 */

export const INDIAN_STATES = [
  'Andaman and Nicobar Islands',
  'Andhra Pradesh',
  'Arunachal Pradesh',
  'Assam',
  'Bihar',
  'Chandigarh',
  'Chhattisgarh',
  'Dadra and Nagar Haveli and Daman and Diu',
  'Delhi',
  'Goa',
  'Gujarat',
  'Haryana',
  'Himachal Pradesh',
  'Jammu and Kashmir',
  'Jharkhand',
  'Karnataka',
  'Kerala',
  'Ladakh',
  'Lakshadweep',
  'Madhya Pradesh',
  'Maharashtra',
  'Manipur',
  'Meghalaya',
  'Mizoram',
  'Nagaland',
  'Odisha',
  'Puducherry',
  'Punjab',
  'Rajasthan',
  'Sikkim',
  'Tamil Nadu',
  'Telangana',
  'Tripura',
  'Uttar Pradesh',
  'Uttarakhand',
  'West Bengal',
] as const
export type IndianState = (typeof INDIAN_STATES)[number]

/** Prefixes of one state each; a longer prefix wins over a shorter one. */
const PREFIXES: Readonly<Record<IndianState, readonly string[]>> = {
  'Andaman and Nicobar Islands': ['744'],
  'Andhra Pradesh': ['51', '52', '53'],
  'Arunachal Pradesh': ['790', '791', '792'],
  Assam: ['78'],
  Bihar: ['80', '81', '82', '84', '85'],
  Chandigarh: ['16000', '16001', '16002', '16003', '16004', '16010'],
  Chhattisgarh: ['49'],
  'Dadra and Nagar Haveli and Daman and Diu': ['3962', '362520', '362540'],
  Delhi: ['11'],
  Goa: ['403'],
  Gujarat: ['36', '37', '38', '39'],
  Haryana: ['12', '13'],
  'Himachal Pradesh': ['17'],
  'Jammu and Kashmir': ['18', '19'],
  Jharkhand: ['814', '815', '816', '822', '825', '826', '827', '828', '829', '83'],
  Karnataka: ['56', '57', '58', '59'],
  Kerala: ['67', '68', '69'],
  Ladakh: ['194'],
  Lakshadweep: ['68255'],
  'Madhya Pradesh': ['45', '46', '47', '48'],
  Maharashtra: ['40', '41', '42', '43', '44'],
  Manipur: ['795'],
  Meghalaya: ['793', '794'],
  Mizoram: ['796'],
  Nagaland: ['797', '798'],
  Odisha: ['75', '76', '77'],
  Puducherry: ['6050', '60960'],
  Punjab: ['14', '15', '16'],
  Rajasthan: ['30', '31', '32', '33', '34'],
  Sikkim: ['737'],
  'Tamil Nadu': ['60', '61', '62', '63', '64'],
  Telangana: ['50'],
  Tripura: ['799'],
  'Uttar Pradesh': ['20', '21', '22', '23', '24', '25', '26', '27', '28'],
  Uttarakhand: ['246', '248', '249', '262', '263'],
  'West Bengal': ['70', '71', '72', '73', '74'],
}

const BY_PREFIX = new Map(
  INDIAN_STATES.flatMap((state) => PREFIXES[state].map((prefix): [string, IndianState] => [prefix, state])),
)

/** The state of a PIN code; undefined when it is not six digits or lies in no civil postal circle. */
export function stateOfPin(pin: string): IndianState | undefined {
  if (!/^[1-9][0-9]{5}$/.test(pin)) return undefined
  for (let length = pin.length; length >= 2; length -= 1) {
    const state = BY_PREFIX.get(pin.slice(0, length))
    if (state !== undefined) return state
  }
  return undefined
}
