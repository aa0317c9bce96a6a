/**
 * Makes elements out of data. Text always becomes a text node, so nothing that came from an API or a payload is ever
 * read as markup.
 */
import { EXPONENTS } from './exponents.js'

/**
 * @param {string} tag
 * @param {Record<string, unknown>} attributes `onclick` and the like take functions; false, null and undefined are left out
 * @param {...(Node | string | number | null | undefined | false)} children
 */
export function element(tag, attributes = {}, ...children) {
  const made = document.createElement(tag)
  for (const [name, value] of Object.entries(attributes)) {
    if (value === false || value === null || value === undefined) continue
    if (typeof value === 'function') made.addEventListener(name.slice(2), value)
    else made.setAttribute(name, value === true ? '' : String(value))
  }
  for (const child of children) {
    if (child !== false && child !== null && child !== undefined) made.append(child)
  }
  return made
}

const SVG = 'http://www.w3.org/2000/svg'

/** Line drawings on a 24 px grid. */
const ICONS = {
  warning: 'M12 4 2.5 20h19zM12 10v4M12 17v.01',
  cross: 'M6 6l12 12M18 6 6 18',
  upi: 'M8 3l-4 18M14 3l6 9-10 9',
  card: 'M3 6h18v12H3zM3 10h18',
  netbanking: 'M3 9l9-5 9 5zM5 10v8M10 10v8M14 10v8M19 10v8M3 20h18',
  wallet: 'M3 7a2 2 0 0 1 2-2h13v4M3 7v11a2 2 0 0 0 2 2h15V9H5a2 2 0 0 1-2-2zM16 14.5h.01',
  tick: 'M5 12.5l4.5 4.5L19 7.5',
}

/** @param {keyof typeof ICONS} name */
export function icon(name) {
  const svg = document.createElementNS(SVG, 'svg')
  svg.setAttribute('viewBox', '0 0 24 24')
  svg.setAttribute('class', 'icon')
  svg.setAttribute('aria-hidden', 'true')
  const path = document.createElementNS(SVG, 'path')
  path.setAttribute('d', ICONS[name])
  svg.append(path)
  return svg
}

/** An amount with its sign and its smallest digits set back, so that the number speaks. */
export function money(amount, currency) {
  const exponent = EXPONENTS[currency] ?? 2
  const style = { style: 'currency', currency, minimumFractionDigits: exponent, maximumFractionDigits: exponent }
  const parts = new Intl.NumberFormat('en-IN', style).formatToParts(toDecimal(amount, exponent))
  const quiet = new Set(['currency', 'decimal', 'fraction'])
  const made = element('span', { class: 'money' })
  for (const { type, value } of parts) {
    made.append(element('span', { class: quiet.has(type) ? 'quiet' : null }, value))
  }
  return made
}

/** A stretch of time in the largest unit that keeps it readable: 82 s, 10 min, 5 h, 3 days. */
export function duration(ms) {
  const seconds = Math.max(0, Math.round(ms / 1000))
  if (seconds < 120) return `${seconds} s`
  if (seconds < 7200) return `${Math.round(seconds / 60)} min`
  if (seconds < 172_800) return `${Math.round(seconds / 3600)} h`
  return `${Math.round(seconds / 86_400)} days`
}

/** Minor units as decimal text; the point is set, nothing is computed. */
function toDecimal(amount, exponent) {
  const digits = String(Math.abs(amount)).padStart(exponent + 1, '0')
  const sign = amount < 0 ? '-' : ''
  return exponent === 0 ? sign + digits : `${sign}${digits.slice(0, -exponent)}.${digits.slice(-exponent)}`
}

/** The three dashes of a scenario: who is told at once, later, or never. */
export function dashes(scenario) {
  const channels = [scenario.page, scenario.hook, scenario.api]
  const words = { yes: 'is told', refused: 'is told no', later: 'is told later', never: 'is never told' }
  const label = ['Page', 'webhook', 'API'].map((name, at) => `${name} ${words[channels[at]]}`).join(', ')
  return element(
    'span',
    { class: 'dashes', role: 'img', 'aria-label': label },
    ...channels.map((told) => element('span', { class: `dash ${told}` })),
  )
}
