/** People who are signed in without a password, whose hash would take longer than what they then do. */
import { createHmac } from 'node:crypto'
import type { NewUser } from '../server/accounts/service.ts'
import { sql } from '../server/platform/database.ts'
import type { Deps } from '../server/platform/deps.ts'

const SESSION_MS = 7 * 24 * 60 * 60 * 1_000

export interface SignedIn {
  id: string
  authorization: string
}

/** Opens a session for whoever has this address, and makes that person when there is none. */
export async function signIn(deps: Deps, secret: string, user: Omit<NewUser, 'password'>): Promise<SignedIn> {
  const { ids, random } = deps.ports
  const token = random.token(24)
  const { id } = await deps.db.alone.one<{ id: string }>(
    'test.signIn',
    sql`with person as (
          insert into users (id, name, email, role, shop_id)
          values (${ids.uuid()}, ${user.name}, ${user.email}, ${user.role}, ${user.shopId ?? null}::uuid)
          on conflict (email) do update set email = excluded.email
          returning id
        )
        insert into sessions (id, token, user_id, expires_at)
        select ${ids.uuid()}, ${token}, id, ${new Date(Date.now() + SESSION_MS)} from person
        returning user_id as id`,
  )
  return { id, authorization: bearer(token, secret) }
}

/** The header that a session's token makes, signed as the auth library does. */
export function bearer(token: string, secret: string): string {
  return `Bearer ${token}.${createHmac('sha256', secret).update(token).digest('base64')}`
}
