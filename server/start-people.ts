/** Who can sign in once the server is there: the first admin, and the people of the demo where there is one. */
import { hasAdmin, type OpenAccounts } from './accounts/service.ts'
import { seedDemo, shutOutDemo } from './demo/seed.ts'
import type { Config } from './platform/config.ts'
import type { Deps } from './platform/deps.ts'

export interface People {
  /** Of the demo, for everybody to see. */
  logins: readonly { role: string; email: string; password: string }[]
  /** Who had the demo's password on a server that is in production now. */
  shutOut: readonly string[]
  /** ADMIN_EMAIL is set, and another admin was there already. */
  isAdminUnused: boolean
}

export async function startPeople(config: Config, deps: Deps, accounts: OpenAccounts): Promise<People> {
  const isProduction = config.environment === 'production'
  const shutOut = isProduction ? await shutOutDemo(deps, accounts) : []
  const { firstAdmin } = config.auth
  const admin = firstAdmin === undefined ? undefined : await accounts.ensureAdmin(firstAdmin)
  const isAdminUnused = admin?.outcome === 'others'
  if (isAdminUnused) deps.log.warn('ADMIN_EMAIL was not used: another admin is there already')
  const { logins } = config.seedDemo ? await seedDemo(deps, accounts, { withPeople: !isProduction }) : { logins: [] }
  if (!(await hasAdmin(deps))) deps.log.warn('nobody can sign in as an admin: set ADMIN_EMAIL and ADMIN_PASSWORD')
  return { logins, shutOut, isAdminUnused }
}
