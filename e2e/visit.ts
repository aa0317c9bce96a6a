/**
 * One person's browser in a journey. Whatever goes wrong in a page while it is open (an error in the console, a refused
 * script, a request that failed) fails the journey, unless the journey said beforehand that it would happen. When a
 * journey fails, a picture and the HTML of each open page are kept, and their paths printed.
 */
import assert from 'node:assert/strict'
import { mkdtempSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import type { Browser, BrowserContext, BrowserContextOptions, Page, Request } from 'playwright-core'
import { PATIENCE_MS } from '../test/until.ts'
import type { RunningShop } from './running-shop.ts'

export const SIZES = {
  desktop: { width: 1440, height: 900 },
  phone: { width: 390, height: 844 },
} as const
export type Size = keyof typeof SIZES

/** A page for which nothing was loaded for so long has what it wanted: what follows an answer is asked for at once. */
const QUIET_MS = 250
const LOOK_EVERY_MS = 20

export interface Look {
  size: Size
  /** What this browser remembers from before: cookies, and what pages have stored. */
  remembers?: BrowserContextOptions['storageState']
}

export class Visit {
  readonly context: BrowserContext
  readonly size: Size
  page: Page
  readonly #loading = new Set<Request>()
  /** When a request last began or ended. */
  #loadedAt = Date.now()
  readonly #trouble: string[] = []
  readonly #expected: RegExp[] = []

  private constructor(context: BrowserContext, page: Page, size: Size) {
    this.context = context
    this.size = size
    this.page = page
  }

  /** Opens a browser profile of its own, with nothing in it, and one empty page. */
  static async open(browser: Browser, shop: RunningShop, { size, remembers }: Look): Promise<Visit> {
    const isPhone = size === 'phone'
    const context = await browser.newContext({
      baseURL: shop.url,
      viewport: SIZES[size],
      colorScheme: 'light',
      locale: 'en-IN',
      timezoneId: 'Asia/Kolkata',
      ...(isPhone ? { isMobile: true, hasTouch: true } : {}),
      ...(remembers === undefined ? {} : { storageState: remembers }),
    })
    context.setDefaultTimeout(PATIENCE_MS)
    const visit = new Visit(context, await context.newPage(), size)
    context.on('console', (message) => {
      if (message.type() === 'error') visit.#note(`console: ${message.text()} (${message.location().url})`)
    })
    context.on('weberror', (error) => visit.#note(`uncaught: ${error.error().stack ?? error.error().message}`))
    context.on('requestfailed', (request) => {
      const reason = request.failure()?.errorText ?? 'no reason'
      // What a page no longer wants when it is left is no failure.
      if (reason !== 'net::ERR_ABORTED') visit.#note(`request: ${request.method()} ${request.url()} ${reason}`)
    })
    context.on('response', (response) => {
      if (response.status() >= 400)
        visit.#note(`answer: ${response.status()} ${response.request().method()} ${response.url()}`)
    })
    context.on('request', (request) => {
      // A stream of events stays open for as long as its page does.
      if (request.resourceType() === 'eventsource') return
      visit.#loading.add(request)
      visit.#loadedAt = Date.now()
    })
    const loaded = (request: Request) => {
      visit.#loading.delete(request)
      visit.#loadedAt = Date.now()
    }
    context.on('requestfinished', loaded)
    context.on('requestfailed', loaded)
    return visit
  }

  /** Waits until everything that the page wants has come, and it has been painted. */
  async settled(): Promise<void> {
    const deadline = Date.now() + PATIENCE_MS
    this.#loadedAt = Date.now()
    while (this.#quietMs() < QUIET_MS) {
      assert.ok(Date.now() < deadline, `still loading ${[...this.#loading].map((one) => one.url()).join(', ')}`)
      // Looked at from outside: each question in the page would keep it painting.
      await sleep(LOOK_EVERY_MS)
      if (this.#quietMs() < QUIET_MS) continue
      await this.page.evaluate('document.fonts.ready.then(() => new Promise(requestAnimationFrame))')
    }
  }

  /** For how long nothing has been loaded. */
  #quietMs(): number {
    return this.#loading.size > 0 ? 0 : Date.now() - this.#loadedAt
  }

  #note(text: string): void {
    this.#trouble.push(text)
  }

  /** Trouble that this journey brings about; it must happen, and anything else still fails the journey. */
  expectTrouble(...patterns: RegExp[]): void {
    this.#expected.push(...patterns)
  }

  /** What went wrong in the pages, without what was expected. */
  trouble(): string[] {
    return this.#trouble.filter((text) => !this.#expected.some((pattern) => pattern.test(text)))
  }

  assertQuiet(): void {
    assert.deepEqual(this.trouble(), [], 'nothing went wrong in the pages')
    const missing = this.#expected.filter((pattern) => !this.#trouble.some((text) => pattern.test(text)))
    assert.deepEqual(missing, [], 'the expected trouble happened')
  }

  /** Closes the tab, as a person would, and opens a new one of the same browser. */
  async newTab(): Promise<Page> {
    await this.page.close()
    this.page = await this.context.newPage()
    return this.page
  }

  /** Keeps what there is to see, and says where. */
  async keepEvidence(name: string): Promise<string> {
    const folder = mkdtempSync(join(tmpdir(), 'hundi-e2e-failure-'))
    const file = name.replaceAll(/[^a-z0-9]+/gi, '-').slice(0, 80)
    for (const [index, page] of this.context.pages().entries()) {
      const path = join(folder, `${file}-${index + 1}`)
      await page.screenshot({ path: `${path}.png`, timeout: 5_000 }).catch(() => {})
      writeFileSync(`${path}.html`, `<!-- ${page.url()} -->\n${await page.content().catch(String)}`)
    }
    writeFileSync(join(folder, 'trouble.txt'), this.#trouble.join('\n'))
    return folder
  }
}

/**
 * Declares a journey as a test. It gets a fresh browser profile, and fails when the journey does or when something goes
 * wrong in its pages.
 *
 * @param running gives browser and shop; called when the journey begins
 */
export function journey(
  name: string,
  look: { size: Size; remembers?: () => Look['remembers'] },
  running: () => { browser: Browser; shop: RunningShop },
  walk: (visit: Visit, shop: RunningShop) => Promise<void>,
): void {
  void test(`${name} (${look.size})`, async (context) => {
    const { browser, shop } = running()
    const visit = await Visit.open(browser, shop, { size: look.size, remembers: look.remembers?.() })
    try {
      await walk(visit, shop)
      visit.assertQuiet()
    } catch (error) {
      context.diagnostic(`kept in ${await visit.keepEvidence(name)}`)
      for (const line of shop.logged()) context.diagnostic(`the program logged ${line}`)
      throw error
    } finally {
      await visit.context.close()
    }
  })
}
