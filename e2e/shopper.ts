/** What a shopper does, by the words and names on the page: fill the box, say where to, pay in the provider's window. */
import assert from 'node:assert/strict'
import type { FrameLocator, Locator, Page } from 'playwright-core'
import { ADDRESS } from '../test/shop.ts'

export const GUEST_EMAIL = 'ananya@example.test'

/** Opens a product's page and puts one of it into the box. */
export async function putInBox(page: Page, slug: string): Promise<void> {
  await page.goto(`/p/${slug}`)
  await page.getByRole('button', { name: 'Add to box' }).click()
  await page.getByText('In your box').first().waitFor()
}

/** From the message about what was just put in the box to the box, and on to the checkout's form. */
export async function goToCheckout(page: Page): Promise<void> {
  await page.getByRole('button', { name: 'See the box' }).click()
  await orderBox(page)
}

/** From the box to the checkout's form. */
export async function orderBox(page: Page): Promise<void> {
  await page.getByRole('heading', { level: 1, name: /from (one|two|three) shops?/ }).waitFor()
  await page.getByRole('button', { name: 'Checkout' }).click()
  await page.getByRole('heading', { level: 1, name: 'Checkout' }).waitFor()
}

/** Says where the box goes. @param email left out by whoever is signed in */
export async function fillAddress(page: Page, email?: string): Promise<void> {
  if (email !== undefined) await page.getByLabel('E-mail').fill(email)
  await page.getByLabel('Name', { exact: true }).fill(ADDRESS.name)
  await page.getByLabel('Phone, for the courier').fill(ADDRESS.phone.replace('+91', ''))
  await page.getByLabel('PIN code').fill(ADDRESS.postalCode)
  await page.getByLabel('House and street').fill(ADDRESS.line1)
  await page.getByLabel('Town or city').fill(ADDRESS.city)
  // The PIN code has chosen the state.
  assert.equal(await page.getByLabel('State').inputValue(), ADDRESS.state)
}

export function payButton(page: Page): Locator {
  return page.getByRole('button', { name: /^Pay ₹/ })
}

/** The guest's way up to the open payment window: product, box, address, pay. */
export async function orderAsGuest(page: Page, slug: string): Promise<PaymentWindow> {
  await putInBox(page, slug)
  await goToCheckout(page)
  await fillAddress(page, GUEST_EMAIL)
  await payButton(page).click()
  return PaymentWindow.opened(page)
}

/** The sandbox's payment window, in its frame above the shop's page. */
export class PaymentWindow {
  readonly frame: FrameLocator
  readonly page: Page

  private constructor(page: Page) {
    this.page = page
    this.frame = page.frameLocator('dialog[data-sandbox-checkout] iframe')
  }

  static async opened(page: Page): Promise<PaymentWindow> {
    const window = new PaymentWindow(page)
    await window.frame.locator('[data-action="pay"]').waitFor()
    return window
  }

  /** The amount that it asks for, as a person reads it: "₹245.00". */
  async amount(): Promise<string> {
    return ((await this.frame.locator('.summary .amount').textContent()) ?? '').replaceAll(/\s/g, '')
  }

  /** Chooses what happens and presses the button. @param outcome a scenario's name */
  async play(outcome: string): Promise<void> {
    const row = this.frame.locator(`[data-outcome="${outcome}"]`)
    const all = this.frame.locator('[data-action="all"]')
    if (!(await row.isVisible()) && (await all.isVisible())) await all.click()
    await row.click()
    await this.frame.locator('[data-action="pay"]').click()
  }

  /** What the window says of a try that failed, once it does; it is then ready for another. */
  async refusal(): Promise<string> {
    await this.frame.locator('[data-action="pay"]:not([aria-busy])').waitFor()
    return (await this.frame.locator('.said').textContent()) ?? ''
  }

  /** Leaves without paying, by the cross. */
  async leave(): Promise<void> {
    await this.frame.locator('[data-action="close"]').click()
    await this.dialog().waitFor({ state: 'detached' })
  }

  dialog(): Locator {
    return this.page.locator('dialog[data-sandbox-checkout]')
  }
}

/** Signs in at the shop's door. */
export async function signIn(page: Page, { email, password }: { email: string; password: string }): Promise<void> {
  await page.goto('/sign-in')
  await page.getByLabel('E-mail').fill(email)
  await page.getByLabel('Password').fill(password)
  await page.getByRole('button', { name: 'Sign in', exact: true }).click()
  await page.getByRole('link', { name: /^Your account, / }).waitFor()
}

/** Waits until the page's heading says this. @param title the whole heading, or a pattern for it */
export async function untilTitle(page: Page, title: string | RegExp): Promise<void> {
  await page.getByRole('heading', { level: 1, name: title, exact: true }).waitFor()
}

/** The id of the order whose page or result is open. */
export function orderIdOf(page: Page): string {
  const id = /\/orders\/([0-9a-f-]{36})/.exec(page.url())?.[1]
  assert.ok(id, `${page.url()} is the page of an order`)
  return id
}
