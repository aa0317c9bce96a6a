/** What somebody who runs the shop does in the panel. */
import assert from 'node:assert/strict'
import pg from 'pg'
import type { Page } from 'playwright-core'
import { DEMO_ADMIN, DEMO_PASSWORD } from '../server/demo/saat-dabbe.ts'
import type { RunningShop } from './running-shop.ts'
import { untilTitle } from './shopper.ts'

export interface Admin {
  email: string
  password: string
}

/** Opens the panel as an admin, the demo's own unless another is named, and waits for its first page. */
export async function signInToPanel(
  page: Page,
  { email, password }: Admin = { ...DEMO_ADMIN, password: DEMO_PASSWORD },
): Promise<void> {
  await page.goto('/admin')
  await page.getByLabel('E-mail').fill(email)
  await page.getByLabel('Password').fill(password)
  await page.getByRole('button', { name: 'Sign in' }).click()
  await untilTitle(page, 'Home')
}

/** Makes one more admin, who has been one for long: of somebody new nobody would be the second person for a day. */
export async function addAdmin(shop: RunningShop, person: { name: string; email: string }): Promise<Admin> {
  const password = 'a long enough password'
  const answer = await fetch(`${shop.url}/api/auth/sign-up/email`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ ...person, password }),
  })
  assert.ok(answer.ok, `signing up answered ${answer.status}`)
  const client = new pg.Client({ connectionString: shop.databaseUrl })
  await client.connect()
  await client.query("update users set role = 'admin' where email = $1", [person.email])
  await client.end()
  return { email: person.email, password }
}
