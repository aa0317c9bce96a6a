/**
 * India's states and union territories, and their PIN codes. The first two digits of a code name a postal circle, the
 * third a sorting district (India Post, All India Pincode Directory); where a circle covers several states, longer
 * prefixes tell them apart, and some districts deliver on both sides of a border.
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

/** Sorting districts that deliver in other states too than the one that `PREFIXES` names. */
const ALSO: Readonly<Record<string, readonly IndianState[]>> = {
  '140': ['Chandigarh'],
  '160': ['Chandigarh', 'Punjab'],
  '194': ['Jammu and Kashmir'],
  '244': ['Uttarakhand'],
  '246': ['Uttar Pradesh'],
  '247': ['Uttarakhand'],
  '262': ['Uttar Pradesh'],
  '362': ['Dadra and Nagar Haveli and Daman and Diu', 'Gujarat'],
  '396': ['Dadra and Nagar Haveli and Daman and Diu', 'Gujarat'],
  '507': ['Andhra Pradesh'],
  '533': ['Puducherry'],
  '605': ['Puducherry', 'Tamil Nadu'],
  '607': ['Puducherry'],
  '609': ['Puducherry', 'Tamil Nadu'],
  '673': ['Puducherry'],
  '682': ['Kerala', 'Lakshadweep'],
  '783': ['Meghalaya'],
  '813': ['Jharkhand'],
  '814': ['Bihar'],
}

/** Codes of the army's post offices, whose addresses name a state or none that the code could tell. */
const ARMY = /^9[0-9]{5}$/

/** Whether letters with this PIN code are delivered in this state. False for what is no PIN code of India. */
export function isPinOf(pin: string, state: IndianState): boolean {
  if (ARMY.test(pin)) return true
  const usual = stateOfPin(pin)
  return usual !== undefined && (usual === state || ALSO[pin.slice(0, 3)]?.includes(state) === true)
}

/** Other ways to write a state: ISO 3166-2 and what number plates and older letters use. Letters only, small. */
const OTHER_NAMES: Readonly<Record<IndianState, string>> = {
  'Andaman and Nicobar Islands': 'an andamanandnicobar andamannicobarislands',
  'Andhra Pradesh': 'ap ad',
  'Arunachal Pradesh': 'ar',
  Assam: 'as',
  Bihar: 'br',
  Chandigarh: 'ch',
  Chhattisgarh: 'cg ct chattisgarh',
  'Dadra and Nagar Haveli and Daman and Diu': 'dh dd dn dadraandnagarhaveli damananddiu',
  Delhi: 'dl newdelhi nctofdelhi delhinct nationalcapitalterritoryofdelhi',
  Goa: 'ga',
  Gujarat: 'gj',
  Haryana: 'hr',
  'Himachal Pradesh': 'hp',
  'Jammu and Kashmir': 'jk jammukashmir',
  Jharkhand: 'jh',
  Karnataka: 'ka',
  Kerala: 'kl',
  Ladakh: 'la',
  Lakshadweep: 'ld',
  'Madhya Pradesh': 'mp',
  Maharashtra: 'mh',
  Manipur: 'mn',
  Meghalaya: 'ml',
  Mizoram: 'mz',
  Nagaland: 'nl',
  Odisha: 'od or orissa',
  Puducherry: 'py pondicherry',
  Punjab: 'pb',
  Rajasthan: 'rj',
  Sikkim: 'sk',
  'Tamil Nadu': 'tn',
  Telangana: 'ts tg telengana',
  Tripura: 'tr',
  'Uttar Pradesh': 'up',
  Uttarakhand: 'uk ut ua uttaranchal',
  'West Bengal': 'wb',
}

const plain = (text: string) =>
  text
    .toLowerCase()
    .replaceAll('&', 'and')
    .replaceAll(/[^a-z]/g, '')

const BY_NAME = new Map(
  INDIAN_STATES.flatMap((state) =>
    [plain(state), ...OTHER_NAMES[state].split(' ')].map((name): [string, IndianState] => [name, state]),
  ),
)

/** The state that somebody means: by its name, a usual other one, or its code (MH, IN-MH). */
export function indianState(text: string): IndianState | undefined {
  return BY_NAME.get(plain(text.replace(/^\s*IN[-\s]/i, '')))
}

/** The state of a PIN code; undefined when it is not six digits or lies in no civil postal circle. */
export function stateOfPin(pin: string): IndianState | undefined {
  if (!/^[1-9][0-9]{5}$/.test(pin)) return undefined
  for (let length = pin.length; length >= 2; length -= 1) {
    const state = BY_PREFIX.get(pin.slice(0, length))
    if (state !== undefined) return state
  }
  return undefined
}
