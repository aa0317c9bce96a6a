/** What admins do to the accounts of others, and that it opens no way around the second person. */
import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import { openSliceApp, type SliceApp } from '../../test/slice.ts'
import { inTransaction, sql } from '../platform/database.ts'
import { mayAgreeFrom } from './admins.ts'
import { lockAdmins } from './queries.ts'

const PASSWORD = 'correct horse battery'
const DAY_MS = 24 * 3_600_000

type Person = { id: string; authorization: string }

let slice: SliceApp

before(async () => {
  slice = await openSliceApp((app, _deps, accounts) =>
    app.get('/signed-in', async (request) => accounts.require(request)),
  )
})
after(() => slice.close())

const patch = (of: SliceApp, as: Person, id: string, body: object) =>
  of.call('PATCH', `/api/admin/users/${id}`, { body, as })
const ban = (of: SliceApp, as: Person, userId: string, more: object = {}) =>
  of.call('POST', '/api/auth/admin/ban-user', { body: { userId, ...more }, as })
const unban = (of: SliceApp, as: Person, userId: string) =>
  of.call('POST', '/api/auth/admin/unban-user', { body: { userId }, as })
const setPassword = (of: SliceApp, as: Person, userId: string, newPassword: string) =>
  of.call('POST', '/api/auth/admin/set-user-password', { body: { userId, newPassword }, as })

describe('FX8 the last admin who can sign in', () => {
  async function withTwoAdmins(work: (alone: SliceApp, a: Person, b: Person) => Promise<void>): Promise<void> {
    const alone = await openSliceApp((app, _deps, accounts) =>
      app.get('/signed-in', async (request) => accounts.require(request)),
    )
    try {
      await work(alone, await alone.signedIn({ role: 'admin' }), await alone.signedIn({ role: 'admin' }))
    } finally {
      await alone.close()
    }
  }

  test('stays one while all others are shut out, for good or for some time', () =>
    withTwoAdmins(async (alone, a, b) => {
      for (const more of [{}, { banExpiresIn: 60 }]) {
        assert.equal((await ban(alone, a, b.id, more)).status, 200)
        for (const role of ['customer', 'seller'] as const) {
          const refused = await patch(alone, a, a.id, { role })
          assert.deepEqual([refused.status, refused.body.error.code], [409, 'invalid_transition'])
        }
        assert.equal((await ban(alone, a, a.id)).status, 400)
        assert.equal((await alone.call('GET', '/signed-in', { as: a })).body.role, 'admin')
      }
      // With the end of the ban there are two again.
      alone.clock.aheadMs = 61_000
      assert.equal((await patch(alone, a, a.id, { role: 'customer' })).status, 200)
    }))

  test('who is shut out for some time can sign in from the very moment at which it ends', async () => {
    const admin = await slice.signedIn({ role: 'admin' })
    const end = new Date('2026-11-21T09:00:00Z')
    await slice.deps.db.alone.run(
      'test.ban',
      sql`update users set banned = true, ban_expires = ${end}::timestamptz where id = ${admin.id}`,
    )
    const canSignIn = (fromEndMs: number) =>
      inTransaction(slice.deps.db, 'test.admins', async (tx) => {
        const all = await lockAdmins(tx, new Date(end.getTime() + fromEndMs))
        return all.find(({ id }) => id === admin.id)?.canSignIn
      })
    assert.deepEqual([await canSignIn(-1), await canSignIn(0), await canSignIn(1)], [false, true, true])
  })

  const races: [string, (of: SliceApp, as: Person, id: string) => Promise<{ status: number }>][] = [
    ['demote', (of, as, id) => patch(of, as, id, { role: 'customer' })],
    ['shut out', (of, as, id) => ban(of, as, id)],
  ]
  for (const [first, byA] of races) {
    for (const [second, byB] of races) {
      test(`is left when one would ${first} and the other would ${second} at once`, () =>
        withTwoAdmins(async (alone, a, b) => {
          for (let round = 0; round < 5; round += 1) {
            await alone.deps.db.alone.run(
              'test.again',
              sql`update users set role = 'admin', banned = false where id in (${a.id}, ${b.id})`,
            )
            const [firstOf, secondOf] = await Promise.all([byA(alone, a, b.id), byB(alone, b, a.id)])
            const statuses = [firstOf.status, secondOf.status].sort()
            assert.equal(statuses[0], 200)
            assert.ok([401, 403].includes(statuses[1] ?? 0), `the second was answered ${statuses[1]}`)
            const left = await alone.deps.db.many(
              'test.left',
              sql`select id from users where role = 'admin' and not banned`,
            )
            assert.equal(left.length, 1)
            // Whoever was shut out has lost the session as well.
            for (const person of [a, b]) {
              const token = person.authorization.slice('Bearer '.length).split('.')[0] ?? ''
              await alone.deps.db.alone.run(
                'test.session',
                sql`insert into sessions (id, token, user_id, expires_at)
                    values (gen_random_uuid()::text, ${token}, ${person.id}, now() + interval '1 day')
                    on conflict (token) do nothing`,
              )
            }
          }
        }))
    }
  }
})

describe('FX6 nobody makes a second person of himself', () => {
  const hours = async (id: string) => {
    const now = slice.deps.ports.clock.now()
    const from = await mayAgreeFrom(slice.deps.db, id, now)
    return from === null ? null : Math.round((from.getTime() - now.getTime()) / 3_600_000)
  }
  const alertsOf = (id: string) =>
    slice.deps.db.many<{ kind: string; count: number; summary: string; severity: string }>(
      'test.alerts',
      sql`select kind, count, summary, severity from alerts where key = ${id} order by kind`,
    )

  test('an admin that an admin makes raises an alert, and agrees to nothing for a day', async () => {
    const maker = await slice.signedIn({ role: 'admin', name: 'Maker' })
    const made = await slice.signedIn({ role: 'seller', name: 'Made', email: 'made@example.test' })
    assert.equal(await hours(maker.id), null)
    assert.equal((await patch(slice, maker, made.id, { role: 'admin' })).status, 200)
    assert.equal(await hours(made.id), 24)
    assert.deepEqual(await alertsOf(made.id), [
      {
        kind: 'admin_made',
        count: 1,
        severity: 'warn',
        summary: 'Made (made@example.test) was made an admin. Maker did it. Is it what you want?',
      },
    ])
    const noted = await slice.deps.db.one('test.noted', sql`select admin_by from users where id = ${made.id}`)
    assert.deepEqual(noted, { admin_by: maker.id })

    slice.clock.aheadMs += DAY_MS - 1_000
    assert.equal(await hours(made.id), 0)
    assert.notEqual(await mayAgreeFrom(slice.deps.db, made.id, slice.deps.ports.clock.now()), null)
    // Said once more of an admin it changes nothing; taken away and given back it begins anew.
    await patch(slice, maker, made.id, { role: 'admin', codTrusted: true })
    slice.clock.aheadMs += 1_000
    assert.equal(await hours(made.id), null)
    assert.equal((await alertsOf(made.id))[0]?.count, 1)
    await patch(slice, maker, made.id, { role: 'customer' })
    await patch(slice, maker, made.id, { role: 'admin' })
    assert.equal(await hours(made.id), 24)
    assert.equal((await alertsOf(made.id))[0]?.count, 2)
  })

  test('a password that an admin sets raises an alert, and whoever has it agrees to nothing for a day', async () => {
    const setter = await slice.signedIn({ role: 'admin', name: 'Setter' })
    const owner = await slice.signedIn({ role: 'admin', name: 'Away', email: 'away@example.test', password: PASSWORD })
    assert.equal((await setPassword(slice, setter, owner.id, 'known to two people')).status, 200)
    assert.equal((await slice.call('GET', '/signed-in', { as: owner })).status, 401)
    assert.equal(await hours(owner.id), 24)
    assert.deepEqual(await alertsOf(owner.id), [
      {
        kind: 'password_set',
        count: 1,
        severity: 'warn',
        summary: 'Away (away@example.test) was given a password by an admin. Setter did it. Is it what you want?',
      },
    ])
    // Choosing another one does not make it that person's.
    const signedIn = await slice.call('POST', '/api/auth/sign-in/email', {
      body: { email: 'away@example.test', password: 'known to two people' },
    })
    const changed = await slice.call('POST', '/api/auth/change-password', {
      body: { currentPassword: 'known to two people', newPassword: 'known to one of them' },
      headers: { authorization: `Bearer ${signedIn.body.token}` },
    })
    assert.equal(changed.status, 200)
    assert.equal(await hours(owner.id), 24)
    slice.clock.aheadMs += DAY_MS
    assert.equal(await hours(owner.id), null)
  })

  test('an admin of long ago who is given a password agrees to nothing for a day either', async () => {
    const maker = await slice.signedIn({ role: 'admin' })
    const made = await slice.signedIn({ role: 'seller' })
    await patch(slice, maker, made.id, { role: 'admin' })
    slice.clock.aheadMs += 2 * DAY_MS
    assert.equal(await hours(made.id), null)
    assert.equal((await setPassword(slice, maker, made.id, 'known to two people')).status, 200)
    assert.equal(await hours(made.id), 24)
  })

  test('the day ends at its very moment', async () => {
    const maker = await slice.signedIn({ role: 'admin' })
    const made = await slice.signedIn({ role: 'seller' })
    await patch(slice, maker, made.id, { role: 'admin' })
    const from = await mayAgreeFrom(slice.deps.db, made.id, slice.deps.ports.clock.now())
    assert.ok(from)
    assert.deepEqual(await mayAgreeFrom(slice.deps.db, made.id, new Date(from.getTime() - 1)), from)
    assert.equal(await mayAgreeFrom(slice.deps.db, made.id, from), null)
  })

  test('a password that one changes oneself leaves one as one is', async () => {
    const admin = await slice.signedIn({ role: 'admin', email: 'careful@example.test', password: PASSWORD })
    const changed = await slice.call('POST', '/api/auth/change-password', {
      body: { currentPassword: PASSWORD, newPassword: 'another long password' },
      as: admin,
    })
    assert.equal(changed.status, 200)
    assert.equal(await hours(admin.id), null)
    assert.deepEqual(await alertsOf(admin.id), [])
  })

  test('an admin who is let in again is as a new one; anybody else is not', async () => {
    const opener = await slice.signedIn({ role: 'admin', name: 'Opener' })
    const former = await slice.signedIn({ role: 'admin', name: 'Former', email: 'former@example.test' })
    const customer = await slice.signedIn({ role: 'customer' })
    for (const { id } of [former, customer]) {
      assert.equal((await ban(slice, opener, id, { banReason: 'Left.' })).status, 200)
      const answer = await unban(slice, opener, id)
      assert.deepEqual([answer.status, answer.body.user.banned], [200, false])
    }
    assert.equal(await hours(former.id), 24)
    assert.equal(
      (await alertsOf(former.id))[0]?.summary,
      'Former (former@example.test) was let in again as an admin. Opener did it. Is it what you want?',
    )
    assert.deepEqual(await alertsOf(customer.id), [])
    // Nobody was shut out: nothing is new.
    const steady = await slice.signedIn({ role: 'admin' })
    await unban(slice, opener, steady.id)
    assert.equal(await hours(steady.id), null)
  })

  test('the admin that the operator makes at the start is there for everything', async () => {
    const alone = await openSliceApp(() => {})
    try {
      const made = await alone.accounts.ensureAdmin({ email: 'owner@example.test', password: PASSWORD })
      assert.equal(made.outcome, 'made')
      const id = made.outcome === 'made' ? made.id : ''
      assert.equal(await mayAgreeFrom(alone.deps.db, id, alone.deps.ports.clock.now()), null)
    } finally {
      await alone.close()
    }
  })

  test('only admins shut out, let in and set passwords, and nobody who is not there is changed', async () => {
    const admin = await slice.signedIn({ role: 'admin' })
    const victim = await slice.signedIn({ role: 'admin' })
    for (const role of ['customer', 'seller'] as const) {
      const person = await slice.signedIn({ role })
      for (const answer of [
        await ban(slice, person, victim.id),
        await unban(slice, person, victim.id),
        await setPassword(slice, person, victim.id, 'known to nobody else'),
      ]) {
        assert.equal(answer.status, 403)
      }
    }
    assert.equal((await slice.call('GET', '/signed-in', { as: victim })).status, 200)
    assert.deepEqual(await alertsOf(victim.id), [])
    const nobody = slice.deps.ports.ids.uuid()
    for (const answer of [
      await ban(slice, admin, nobody),
      await unban(slice, admin, nobody),
      await setPassword(slice, admin, nobody, 'known to nobody else'),
    ]) {
      assert.deepEqual([answer.status, answer.body.error.code], [404, 'not_found'])
    }
  })
})
