/** The files of the page at `/` and what the payment window shares with it. */
import { currencyExponent } from '../shared/money.ts'
import type { StaticFile } from './static-files.ts'

export const PAGE_FILES: readonly StaticFile[] = [
  { route: '/', file: './page/index.html' },
  { route: '/_sandbox', file: './page/index.html' },
  { route: '/assets/page.css', file: './page/page.css' },
  { route: '/assets/page.js', file: './page/page.js' },
  { route: '/assets/rows.js', file: './page/rows.js' },
  { route: '/assets/story.js', file: './page/story.js' },
  { route: '/assets/tools.js', file: './page/tools.js' },
  { route: '/assets/element.js', file: './page/element.js' },
  { route: '/assets/base.css', file: './page/base.css' },
  { route: '/assets/tokens.css', file: './page/tokens.css' },
  {
    route: '/assets/anek-latin.woff2',
    file: '@fontsource-variable/anek-latin/files/anek-latin-latin-wght-normal.woff2',
  },
  {
    route: '/assets/anek-latin-ext.woff2',
    file: '@fontsource-variable/anek-latin/files/anek-latin-latin-ext-wght-normal.woff2',
  },
  {
    route: '/assets/plex-mono.woff2',
    file: '@fontsource/ibm-plex-mono/files/ibm-plex-mono-latin-400-normal.woff2',
  },
]

/**
 * A module for the browser with the digits after the point of every currency that has not two, from the one table of
 * them; the browser's own list shows fewer than the standard for many.
 */
export function exponentsModule(): string {
  const codes = Intl.supportedValuesOf('currency').filter((code) => currencyExponent(code) !== 2)
  const entries = codes.map((code) => [code, currencyExponent(code)])
  return `export const EXPONENTS = ${JSON.stringify(Object.fromEntries(entries))}\n`
}
