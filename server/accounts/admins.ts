/**
 * What admins do to the accounts of others: roles, shutting out, passwords. Guarantees that an admin who can sign in is
 * always left, whoever acts at the same moment; and that nobody makes a second person of himself: whoever was made an
 * admin, was let in again, or was given a password by an admin agrees to no money for a day, and an alert tells of it.
 */
import type { BanUserBody, PatchUserBody, User } from '../../shared/contract/accounts.ts'
import { raiseAlert } from '../platform/alerts.ts'
import { inTransaction, violatedConstraint, type Db, type Tx } from '../platform/database.ts'
import type { Deps } from '../platform/deps.ts'
import { AppError, invalidField } from '../platform/errors.ts'
import * as queries from './queries.ts'

/** Time for another admin to see the alert, before who may be a second account of one person decides about money. */
const REST_MS = 24 * 3_600_000

/**
 * Since when a person may be the second to agree to something: a moment ahead for who was made an admin, was let in again,
 * or was given a password by somebody else within a day; null for everybody else.
 */
export async function mayAgreeFrom(db: Db, userId: string, now: Date): Promise<Date | null> {
  const standing = await queries.findStanding(db, userId)
  if (standing === undefined) throw new Error(`user ${userId} does not exist`)
  const { admin_since: adminSince, password_set_at: passwordSetAt } = standing
  const from = Math.max(adminSince?.getTime() ?? 0, passwordSetAt?.getTime() ?? 0) + REST_MS
  return from > now.getTime() ? new Date(from) : null
}

/**
 * Changes a user's role, shop or trust for cash on delivery. Only sellers and admins have a shop: another role loses it.
 *
 * @param by the admin who does it
 * @throws AppError not_found; validation_failed for a shop that does not exist; invalid_transition for the last admin who
 *   can sign in; forbidden when `by` is no admin any more
 */
export async function changeUser(deps: Deps, id: string, change: PatchUserBody, by: string): Promise<User> {
  try {
    await asAdmin(deps, 'accounts.changeUser', id, by, async (tx, user, now, isLeft) => {
      const role = change.role ?? user.role
      if (role !== 'admin' && !isLeft) throw lastAdmin()
      const shopId = change.shopId === undefined ? user.shop_id : change.shopId
      if (role === 'customer' && change.shopId != null) throw invalidField('shopId', 'a customer works for no shop')
      await queries.updateUser(tx, id, {
        role,
        shopId: role === 'customer' ? null : shopId,
        codTrusted: change.codTrusted,
        now,
      })
      if (role === 'admin' && user.role !== 'admin') await tellOfAdmin(tx, deps, user, by, 'was made an admin')
    })
  } catch (error) {
    if (violatedConstraint(error) === 'users_shop') throw invalidField('shopId', 'there is no such shop')
    throw error
  }
  return getUser(deps.db, id)
}

/**
 * Shuts a user out, for good or for some time, and ends all sessions.
 *
 * @throws AppError not_found; validation_failed for oneself; invalid_transition for the last admin who can sign in;
 *   forbidden when `by` is no admin any more
 */
export async function banUser(deps: Deps, ban: BanUserBody, by: string): Promise<User> {
  if (ban.userId === by) throw invalidField('userId', 'is your own: nobody can shut themselves out')
  await asAdmin(deps, 'accounts.banUser', ban.userId, by, async (tx, _user, now, isLeft) => {
    if (!isLeft) throw lastAdmin()
    const until = ban.banExpiresIn === undefined ? null : new Date(now.getTime() + ban.banExpiresIn * 1_000)
    await queries.banUser(tx, ban.userId, { reason: ban.banReason ?? null, until, now })
  })
  return getUser(deps.db, ban.userId)
}

/**
 * Lets a user in again.
 *
 * @throws AppError not_found; forbidden when `by` is no admin any more
 */
export async function unbanUser(deps: Deps, id: string, by: string): Promise<User> {
  await asAdmin(deps, 'accounts.unbanUser', id, by, async (tx, user, now) => {
    await queries.unbanUser(tx, id, now)
    if (user.banned && user.role === 'admin') await tellOfAdmin(tx, deps, user, by, 'was let in again as an admin')
  })
  return getUser(deps.db, id)
}

/**
 * Gives a user a password, and ends all sessions.
 *
 * @throws AppError not_found; forbidden when `by` is no admin any more
 */
export async function setPassword(deps: Deps, id: string, passwordHash: string, by: string): Promise<void> {
  await asAdmin(deps, 'accounts.setPassword', id, by, async (tx, user, now) => {
    await queries.setPassword(tx, id, { accountId: deps.ports.ids.uuid(), passwordHash, by, now })
    await tell(tx, deps, 'password_set', user, by, 'was given a password by an admin')
  })
}

/**
 * Changes a user under the locks of all admins and of the user, in this order: every change locks so.
 *
 * @param work `isLeft`: an admin who can sign in is left without this user
 */
function asAdmin(
  deps: Deps,
  name: string,
  id: string,
  by: string,
  work: (tx: Tx, user: queries.LockedUser, now: Date, isLeft: boolean) => Promise<void>,
): Promise<void> {
  return inTransaction(deps.db, name, async (tx) => {
    const now = deps.ports.clock.now()
    const able = (await queries.lockAdmins(tx, now)).filter((admin) => admin.canSignIn)
    // Whoever acts may have lost the power a moment ago, to the very person that is changed now.
    if (!able.some((admin) => admin.id === by)) throw new AppError('forbidden', 'Your account may not do this.')
    const user = await queries.lockUser(tx, id)
    if (user === undefined) throw new AppError('not_found', 'There is no such user.')
    await work(
      tx,
      user,
      now,
      able.some((admin) => admin.id !== id),
    )
  })
}

async function tellOfAdmin(tx: Tx, deps: Deps, user: queries.LockedUser, by: string, what: string): Promise<void> {
  await queries.noteAdmin(tx, user.id, by, deps.ports.clock.now())
  await tell(tx, deps, 'admin_made', user, by, what)
}

async function tell(
  tx: Tx,
  deps: Deps,
  kind: 'admin_made' | 'password_set',
  user: queries.LockedUser,
  by: string,
  what: string,
): Promise<void> {
  const people = await queries.listPeople(tx, [by])
  await raiseAlert(tx, deps.ports, {
    kind,
    key: user.id,
    summary: `${user.name} (${user.email}) ${what}. ${people.get(by)?.name ?? by} did it. Is it what you want?`,
  })
  tx.afterCommit(() => deps.log.warn({ userId: user.id, by, kind }, 'an admin has changed who can do what'))
}

/** @throws AppError not_found */
export async function getUser(db: Db, id: string): Promise<User> {
  const user = await queries.findUser(db, id)
  if (user === undefined) throw new AppError('not_found', 'There is no such user.')
  return toUser(user)
}

export function toUser(row: queries.UserRow): User {
  return {
    id: row.id,
    name: row.name,
    email: row.email,
    role: row.role,
    shopId: row.shop_id,
    shopName: row.shop_name,
    codTrusted: row.cod_trusted,
    banned: row.banned,
    createdAt: row.created_at.toISOString(),
  }
}

function lastAdmin(): AppError {
  return new AppError('invalid_transition', 'No admin who can sign in would be left. Make another one first.')
}
