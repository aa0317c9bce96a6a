/** What somebody who runs the shop does in the panel. */
import type { Page } from 'playwright-core'
import { DEMO_ADMIN, DEMO_PASSWORD } from '../server/demo/saat-dabbe.ts'
import { untilTitle } from './shopper.ts'

/** Opens the panel as the demo's admin and waits for its first page. */
export async function signInToPanel(page: Page): Promise<void> {
  await page.goto('/admin')
  await page.getByLabel('E-mail').fill(DEMO_ADMIN.email)
  await page.getByLabel('Password').fill(DEMO_PASSWORD)
  await page.getByRole('button', { name: 'Sign in' }).click()
  await untilTitle(page, 'Home')
}
