/** Countries as an address needs them: which there are, and which have a postal code or need a state. */

/** ISO 3166-1 alpha-2, all 249 that are assigned. */
const ISO =
  'AD AE AF AG AI AL AM AO AQ AR AS AT AU AW AX AZ BA BB BD BE BF BG BH BI BJ BL BM BN BO BQ BR BS BT BV BW BY BZ ' +
  'CA CC CD CF CG CH CI CK CL CM CN CO CR CU CV CW CX CY CZ DE DJ DK DM DO DZ EC EE EG EH ER ES ET FI FJ FK FM FO FR ' +
  'GA GB GD GE GF GG GH GI GL GM GN GP GQ GR GS GT GU GW GY HK HM HN HR HT HU ID IE IL IM IN IO IQ IR IS IT ' +
  'JE JM JO JP KE KG KH KI KM KN KP KR KW KY KZ LA LB LC LI LK LR LS LT LU LV LY MA MC MD ME MF MG MH MK ML MM MN MO ' +
  'MP MQ MR MS MT MU MV MW MX MY MZ NA NC NE NF NG NI NL NO NP NR NU NZ OM PA PE PF PG PH PK PL PM PN PR PS PT PW PY ' +
  'QA RE RO RS RU RW SA SB SC SD SE SG SH SI SJ SK SL SM SN SO SR SS ST SV SX SY SZ TC TD TF TG TH TJ TK TL TM TN TO ' +
  'TR TT TV TW TZ UA UG UM US UY UZ VA VC VE VG VI VN VU WF WS YE YT ZA ZM ZW'

/** Mail there has no postal codes: what is typed for one means nothing. From the Universal Postal Union's country pages. */
const WITHOUT_POSTAL_CODE =
  'AE AG AO AW BF BI BJ BO BS BW BZ CD CF CG CI CK CM CW DJ DM ER FJ GA GD GM GQ GY HK KI KM KN KP LY ML MO MR MW NR NU ' +
  'QA RW SB SC SL SR SS ST SX SY TD TG TK TL TO TV UG VU YE ZW'

/** There are codes, and letters and parcels arrive without one. */
const POSTAL_CODE_OPTIONAL = 'AQ BB BV CL CO EH GH GN HM IE JM LC NA PA PE SG TF TT UM VC'

/** A courier's label needs the state, province or prefecture. Elsewhere it is kept when it is given. */
const STATE_NEEDED = 'AU BR CA CN IN IT JP MX MY US'

const isIn = (list: string) => {
  const codes: ReadonlySet<string> = new Set(list.split(' '))
  return (country: string) => codes.has(country)
}

/** @param country two capital letters */
export const isCountry = isIn(ISO)
export const hasNoPostalCode = isIn(WITHOUT_POSTAL_CODE)
export const needsState = isIn(STATE_NEEDED)

const isOptional = isIn(POSTAL_CODE_OPTIONAL)
export function needsPostalCode(country: string): boolean {
  return !hasNoPostalCode(country) && !isOptional(country)
}
