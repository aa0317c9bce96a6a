/**
 * Fills an empty system with the demo marketplace, through the same use cases that admins have. Safe to run again, and
 * by processes that start together: everything goes by a name that can be there only once, and the shopper comes last,
 * so that whoever finds the shopper knows that nothing is left to do.
 */
import type { Role } from '../../shared/contract/accounts.ts'
import { findByEmail, hasAdmin, type Accounts } from '../accounts/service.ts'
import { createCategory, listCategories } from '../catalog/service.ts'
import { addProduct } from '../inventory/stock-keeping.ts'
import type { Deps } from '../platform/deps.ts'
import { AppError } from '../platform/errors.ts'
import { findShopId, hasShops } from '../shops/queries.ts'
import { createShop } from '../shops/service.ts'
import {
  DEMO_ADMIN,
  DEMO_CATEGORIES,
  DEMO_CUSTOMER,
  DEMO_PASSWORD,
  DEMO_PRODUCTS,
  DEMO_SELLERS,
  DEMO_SHOPS,
} from './saat-dabbe.ts'

export interface DemoLogin {
  role: Role
  email: string
  password: string
}

/**
 * Seeds the demo unless the system belongs to somebody: shops that are not the demo's, and nothing is done. With an
 * admin of one's own there is no demo admin, whose password everybody knows.
 *
 * @param withPeople false where nobody may have a password that everybody can read: in production
 * @returns the demo's log-ins, with the passwords they began with
 */
export async function seedDemo(
  deps: Deps,
  accounts: Accounts,
  { withPeople }: { withPeople: boolean } = { withPeople: true },
): Promise<{ logins: DemoLogin[] }> {
  if ((await findByEmail(deps.db, DEMO_CUSTOMER.email)) === undefined) {
    if (await belongsToSomebody(deps)) return { logins: [] }
    const shops = await seedShops(deps)
    await seedProducts(deps, shops, await seedCategories(deps))
    if (withPeople) await seedPeople(deps, accounts, shops)
  }
  const logins: DemoLogin[] = []
  if (!withPeople) return { logins }
  for (const { role, email } of people()) {
    const person = await findByEmail(deps.db, email)
    if (person !== undefined && !person.banned) logins.push({ role, email, password: DEMO_PASSWORD })
  }
  return { logins }
}

/**
 * Shuts out the demo's people who still have its password, which everybody can read, and says so: data that began with the
 * demo has its admin too, who would be admin of a true shop. Safe to run at each start.
 *
 * @returns the addresses of those that it has shut out now
 */
export async function shutOutDemo(deps: Deps, accounts: Accounts): Promise<string[]> {
  const emails = people().map(({ email }) => email)
  const shutOut = await accounts.shutOutByPassword(emails, DEMO_PASSWORD, "It had the demo's password.")
  if (shutOut.length > 0) {
    deps.log.warn({ count: shutOut.length }, "the demo's log-ins have been shut out: everybody can read their password")
  }
  return shutOut
}

/** Shops without the demo's first one, which a seeding that broke off has made before anything else. */
async function belongsToSomebody(deps: Deps): Promise<boolean> {
  const first = DEMO_SHOPS[0]?.slug ?? ''
  return (await hasShops(deps.db)) && (await findShopId(deps.db, first)) === undefined
}

async function seedShops(deps: Deps): Promise<Map<string, string>> {
  const ids = new Map<string, string>()
  for (const shop of DEMO_SHOPS) {
    await unlessThere(() => createShop(deps, shop))
    const id = await findShopId(deps.db, shop.slug)
    if (id !== undefined) ids.set(shop.slug, id)
  }
  return ids
}

async function seedCategories(deps: Deps): Promise<Map<string, string>> {
  for (const category of DEMO_CATEGORIES) await unlessThere(() => createCategory(deps, category))
  return new Map((await listCategories(deps)).map((category) => [category.slug, category.id]))
}

async function seedProducts(deps: Deps, shops: Map<string, string>, categories: Map<string, string>): Promise<void> {
  for (const { shop, category, ...product } of DEMO_PRODUCTS) {
    const shopId = known(shops, shop)
    const categoryId = known(categories, category)
    await unlessThere(() => addProduct(deps, { ...product, currency: 'INR', shopId, categoryId }))
  }
}

async function seedPeople(deps: Deps, accounts: Accounts, shops: Map<string, string>): Promise<void> {
  const ownAdmin = await hasAdmin(deps)
  for (const { shop, ...person } of people()) {
    if (person.role === 'admin' && ownAdmin) continue
    const shopId = shop === undefined ? {} : { shopId: known(shops, shop) }
    await accounts.ensureUser({ ...person, ...shopId, password: DEMO_PASSWORD })
  }
}

function people(): { role: Role; email: string; name: string; shop?: string }[] {
  return [
    { role: 'admin', ...DEMO_ADMIN },
    ...DEMO_SELLERS.map((seller) => ({ role: 'seller' as const, ...seller })),
    { role: 'customer', ...DEMO_CUSTOMER },
  ]
}

async function unlessThere(create: () => Promise<unknown>): Promise<void> {
  try {
    await create()
  } catch (error) {
    if (!isTakenSlug(error)) throw error
  }
}

function isTakenSlug(error: unknown): boolean {
  const fields = error instanceof AppError ? error.details?.['fields'] : undefined
  return Array.isArray(fields) && fields.some((field: { field?: unknown }) => field.field === 'slug')
}

function known(ids: Map<string, string>, slug: string): string {
  const id = ids.get(slug)
  if (id === undefined) throw new Error(`the demo has nothing called ${slug}`)
  return id
}
