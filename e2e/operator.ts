/** What somebody who runs the shop does in the panel. */
import assert from 'node:assert/strict'
import type { Page } from 'playwright-core'
import { DEMO_ADMIN, DEMO_PASSWORD } from '../server/demo/saat-dabbe.ts'
import type { RunningShop } from './running-shop.ts'
import { untilTitle } from './shopper.ts'

/** Opens the panel as an admin, the demo's own unless another is named, and waits for its first page. */
export async function signInToPanel(page: Page, email: string = DEMO_ADMIN.email): Promise<void> {
  await page.goto('/admin')
  await page.getByLabel('E-mail').fill(email)
  await page.getByLabel('Password').fill(DEMO_PASSWORD)
  await page.getByRole('button', { name: 'Sign in' }).click()
  await untilTitle(page, 'Home')
}

/** Makes one more admin, with the demo's password. */
export async function addAdmin(shop: RunningShop, person: { name: string; email: string }): Promise<void> {
  const ask = async (method: string, path: string, body: object, token?: string) => {
    const headers = { 'content-type': 'application/json', ...(token ? { authorization: `Bearer ${token}` } : {}) }
    const answer = await fetch(`${shop.url}${path}`, { method, headers, body: JSON.stringify(body) })
    assert.ok(answer.ok, `${method} ${path} answered ${answer.status}`)
    return (await answer.json()) as { token: string; user: { id: string } }
  }
  const { user } = await ask('POST', '/api/auth/sign-up/email', { ...person, password: DEMO_PASSWORD })
  const { token } = await ask('POST', '/api/auth/sign-in/email', { email: DEMO_ADMIN.email, password: DEMO_PASSWORD })
  await ask('PATCH', `/api/admin/users/${user.id}`, { role: 'admin' }, token)
}
