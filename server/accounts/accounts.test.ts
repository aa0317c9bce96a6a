import assert from 'node:assert/strict'
import { createHmac } from 'node:crypto'
import { after, before, describe, test } from 'node:test'
import { openSliceApp, TEST_SECRET, type SliceApp } from '../../test/slice.ts'
import { sql } from '../platform/database.ts'
import { createHttp } from '../platform/http.ts'
import { isCodTrusted } from './queries.ts'
import { registerAccountRoutes } from './routes.ts'
import { createAccounts } from './service.ts'

const PASSWORD = 'correct horse battery'
let slice: SliceApp

before(async () => {
  slice = await openSliceApp((app, _deps, accounts) => {
    app.get('/who', async (request) => (await accounts.find(request)) ?? null)
    app.get('/signed-in', async (request) => accounts.require(request))
    app.get('/admins', async (request) => accounts.requireRole(request, 'admin'))
  })
})
after(() => slice.close())

/** Makes an account and signs in. */
async function signUp(email: string) {
  const made = await slice.call('POST', '/api/auth/sign-up/email', {
    body: { name: 'Asha Rao', email, password: PASSWORD },
  })
  assert.equal(made.status, 200, JSON.stringify(made.body))
  const answer = await slice.call('POST', '/api/auth/sign-in/email', { body: { email, password: PASSWORD } })
  assert.equal(answer.status, 200, JSON.stringify(answer.body))
  return answer
}

function namesOf(headers: Record<string, unknown>): string[] {
  return Object.keys(headers).sort()
}

function cookieOf(answer: { headers: Record<string, unknown> }): string {
  const [first = ''] = [answer.headers['set-cookie']].flat().map(String)
  return first.split(';')[0] ?? ''
}

async function rawTokenOf(userId: string): Promise<string> {
  const row = await slice.deps.db.one<{ token: string }>(
    'test.token',
    sql`select token from sessions where user_id = ${userId} limit 1`,
  )
  return row.token
}

async function refusedSignIn(email: string) {
  const { status, body } = await slice.call('POST', '/api/auth/sign-in/email', {
    body: { email, password: 'not the password' },
  })
  delete body.error.requestId
  return { status, body }
}

describe('signing up and in', () => {
  test('a new user is a customer, and its cookie and its bearer token both sign it in', async () => {
    const made = await signUp('Asha@Example.test')
    assert.equal(made.body.user.email, 'asha@example.test')
    assert.equal(made.body.user.role, 'customer')
    const principal = {
      userId: made.body.user.id,
      role: 'customer',
      email: 'asha@example.test',
      name: 'Asha Rao',
      shopId: null,
    }
    const byCookie = await slice.call('GET', '/who', { headers: { cookie: cookieOf(made) } })
    assert.deepEqual(byCookie.body, principal)
    const byBearer = await slice.call('GET', '/who', { headers: { authorization: `Bearer ${made.body.token}` } })
    assert.deepEqual(byBearer.body, principal)
    const byHeader = await slice.call('GET', '/who', {
      headers: { authorization: `bearer ${String(made.headers['set-auth-token'])}` },
    })
    assert.deepEqual(byHeader.body, principal)
    const session = await slice.call('GET', '/api/auth/get-session', { headers: { cookie: cookieOf(made) } })
    assert.equal(session.body.user.id, principal.userId)
    assert.equal(session.body.user.shopId, null)
    assert.deepEqual(
      (await slice.call('GET', '/api/auth/get-session', { headers: { authorization: `Bearer ${made.body.token}` } }))
        .body.user.id,
      principal.userId,
    )
  })

  test('FX11 sign-up answers alike for a free and for a taken address, and what is there stays', async () => {
    const body = { name: 'Known', email: 'first@example.test', password: PASSWORD }
    const free = await slice.call('POST', '/api/auth/sign-up/email', { body })
    const before = await slice.deps.db.many('test.users', sql`select * from users order by id`)
    const taken = await slice.call('POST', '/api/auth/sign-up/email', {
      body: { name: 'Mallory', email: 'First@Example.test', password: 'of somebody else' },
    })
    assert.equal(free.status, 200)
    assert.deepEqual(
      [taken.status, taken.body, namesOf(taken.headers)],
      [free.status, free.body, namesOf(free.headers)],
    )
    assert.equal(free.headers['set-cookie'], undefined)
    assert.deepEqual(Object.keys(free.body), ['success', 'message'])
    assert.deepEqual(await slice.deps.db.many('test.users', sql`select * from users order by id`), before)
    const signIn = (password: string) =>
      slice.call('POST', '/api/auth/sign-in/email', { body: { email: 'first@example.test', password } })
    assert.equal((await signIn('of somebody else')).status, 401)
    assert.equal((await signIn(PASSWORD)).status, 200)
  })

  test('FX11 an address can be taken once, whatever its case, also at the same moment', async () => {
    const body = { name: 'Twin', email: 'twin@example.test', password: PASSWORD }
    const emails = ['twin@example.test', 'TWIN@example.test', 'Twin@Example.Test']
    const answers = await Promise.all(
      emails.map((email) => slice.call('POST', '/api/auth/sign-up/email', { body: { ...body, email } })),
    )
    const [first] = answers
    assert.equal(first?.status, 200)
    for (const answer of answers) assert.deepEqual([answer.status, answer.body], [200, first?.body])
    const users = await slice.deps.db.many(
      'test.twins',
      sql`
      select a.user_id from users u join auth_accounts a on a.user_id = u.id where u.email = 'twin@example.test'`,
    )
    assert.equal(users.length, 1)
  })

  test('the session cookie is out of reach of scripts and of other sites', async () => {
    const made = await signUp('cookie@example.test')
    const cookie = [made.headers['set-cookie']].flat().map(String)[0] ?? ''
    assert.match(cookie, /^hundi\.session_token=[^;]+; Max-Age=604800; Path=\/; HttpOnly; SameSite=Lax$/)
  })

  test('X16 an unknown address and a wrong password are answered alike', async () => {
    await signUp('known@example.test')
    const known = await refusedSignIn('known@example.test')
    assert.equal(known.status, 401)
    assert.equal(known.body.error.code, 'unauthenticated')
    assert.deepEqual(await refusedSignIn('nobody@example.test'), known)
  })

  test('X7 signing out ends the session on the server', async () => {
    const made = await signUp('leaver@example.test')
    const headers = { cookie: cookieOf(made) }
    assert.equal((await slice.call('GET', '/signed-in', { headers })).status, 200)
    assert.equal((await slice.call('POST', '/api/auth/sign-out', { headers })).status, 200)
    assert.equal((await slice.call('GET', '/signed-in', { headers })).status, 401)
    assert.equal((await slice.call('GET', '/api/auth/get-session', { headers })).body, null)
  })

  test('X7 a sign-in makes a new session and leaves the others', async () => {
    const first = await signUp('two-devices@example.test')
    const second = await slice.call('POST', '/api/auth/sign-in/email', {
      body: { email: 'two-devices@example.test', password: PASSWORD },
      headers: { cookie: cookieOf(first) },
    })
    assert.notEqual(second.body.token, first.body.token)
    for (const { body } of [first, second]) {
      const answer = await slice.call('GET', '/signed-in', { headers: { authorization: `Bearer ${body.token}` } })
      assert.equal(answer.status, 200)
    }
  })

  test('X7 a changed password ends every other session, and the old password', async () => {
    const first = await signUp('changer@example.test')
    const stolen = await slice.call('POST', '/api/auth/sign-in/email', {
      body: { email: 'changer@example.test', password: PASSWORD },
    })
    const changed = await slice.call('POST', '/api/auth/change-password', {
      body: { currentPassword: PASSWORD, newPassword: 'another long password', revokeOtherSessions: false },
      headers: { cookie: cookieOf(first) },
    })
    assert.equal(changed.status, 200)
    const sessions = await Promise.all(
      [first.body.token, stolen.body.token, changed.body.token].map((token) =>
        slice.call('GET', '/signed-in', { headers: { authorization: `Bearer ${token}` } }),
      ),
    )
    assert.deepEqual(
      sessions.map((answer) => answer.status),
      [401, 401, 200],
    )
    const old = await slice.call('POST', '/api/auth/sign-in/email', {
      body: { email: 'changer@example.test', password: PASSWORD },
    })
    assert.equal(old.status, 401)
  })
})

describe('FX11 a password that is guessed first is refused', () => {
  for (const [password, field] of [
    ['        ', 'password'],
    ['password', 'password'],
    ['12345678', 'password'],
    ['weak@example.test', 'password'],
    ['The Tea House', 'password'],
  ] as const) {
    test(`at sign-up: ${JSON.stringify(password)}`, async () => {
      const body = { name: 'Weak', email: 'weak@example.test', password }
      const refused = await slice.call('POST', '/api/auth/sign-up/email', { body })
      assert.deepEqual([refused.status, refused.body.error.details.fields[0].field], [400, field])
      const none = await slice.deps.db.many('test.none', sql`select id from users where email = ${body.email}`)
      assert.deepEqual(none, [])
    })
  }

  test('when one changes it, and when an admin sets it', async () => {
    const made = await signUp('strong@example.test')
    const admin = await slice.signedIn({ role: 'admin' })
    const changed = await slice.call('POST', '/api/auth/change-password', {
      body: { currentPassword: PASSWORD, newPassword: 'strong-2026' },
      headers: { cookie: cookieOf(made) },
    })
    assert.deepEqual([changed.status, changed.body.error.details.fields[0].field], [400, 'newPassword'])
    const set = await slice.call('POST', '/api/auth/admin/set-user-password', {
      body: { userId: made.body.user.id, newPassword: 'strong@example.test' },
      as: admin,
    })
    assert.deepEqual([set.status, set.body.error.details.fields[0].field], [400, 'newPassword'])
    const signIn = await slice.call('POST', '/api/auth/sign-in/email', {
      body: { email: 'strong@example.test', password: PASSWORD },
    })
    assert.equal(signIn.status, 200)
    assert.equal((await slice.call('GET', '/signed-in', { headers: { cookie: cookieOf(made) } })).status, 200)
  })
})

describe('X6 tokens that open nothing', () => {
  const cases: [string, (raw: string, signed: string) => Record<string, string>][] = [
    ['no token', () => ({})],
    ['the bare token as the table holds it', (raw) => ({ authorization: `Bearer ${raw}` })],
    ['the bare token as cookie', (raw) => ({ cookie: `hundi.session_token=${raw}` })],
    ['another signature', (raw) => ({ authorization: `Bearer ${raw}.${'A'.repeat(43)}=` })],
    ['an empty signature', (raw) => ({ authorization: `Bearer ${raw}.` })],
    ['one letter of the token changed', (_raw, signed) => ({ authorization: `Bearer ${flip(signed, 0)}` })],
    [
      'one letter of the signature changed',
      (raw, signed) => ({ authorization: `Bearer ${flip(signed, raw.length + 3)}` }),
    ],
    ['the signature cut short', (_raw, signed) => ({ authorization: `Bearer ${signed.slice(0, -2)}` })],
    ['something behind the signature', (_raw, signed) => ({ authorization: `Bearer ${signed}A` })],
    [
      'signed with another secret',
      (raw) => ({ authorization: `Bearer ${raw}.${createHmac('sha256', 'x').update(raw).digest('base64')}` }),
    ],
    [
      'signed well, but of no session',
      () => ({
        authorization: `Bearer made-up.${createHmac('sha256', TEST_SECRET).update('made-up').digest('base64')}`,
      }),
    ],
    ['a JWT without algorithm', () => ({ authorization: 'Bearer eyJhbGciOiJub25lIn0.eyJyb2xlIjoiYWRtaW4ifQ.' })],
    ['broken percent signs', (raw) => ({ authorization: `Bearer ${raw}.%zz` })],
    ['another scheme', (_raw, signed) => ({ authorization: `Basic ${signed}` })],
    [
      'a bad bearer beside a good cookie',
      (_raw, signed) => ({
        authorization: 'Bearer nonsense',
        cookie: `hundi.session_token=${encodeURIComponent(signed)}`,
      }),
    ],
    ['a very long token', () => ({ authorization: `Bearer ${'a'.repeat(10_000)}.b` })],
  ]
  let raw = ''
  let signed = ''
  before(async () => {
    const made = await signUp('victim@example.test')
    raw = await rawTokenOf(made.body.user.id)
    signed = decodeURIComponent(made.body.token)
    assert.ok(signed.startsWith(`${raw}.`))
    assert.equal(
      (await slice.call('GET', '/signed-in', { headers: { authorization: `Bearer ${signed}` } })).status,
      200,
    )
  })
  for (const [name, headers] of cases) {
    test(name, async () => {
      const answer = await slice.call('GET', '/signed-in', { headers: headers(raw, signed) })
      assert.equal(answer.status, 401)
      assert.equal(answer.body.error.code, 'unauthenticated')
      assert.equal((await slice.call('GET', '/who', { headers: headers(raw, signed) })).body, null)
    })
  }

  test('an expired session', async () => {
    const headers = { authorization: `Bearer ${signed}` }
    slice.clock.aheadMs = 7 * 24 * 3_600_000 + 1_000
    assert.equal((await slice.call('GET', '/signed-in', { headers })).status, 401)
    slice.clock.aheadMs = 0
    assert.equal((await slice.call('GET', '/signed-in', { headers })).status, 200)
  })
})

function flip(text: string, at: number): string {
  return text.slice(0, at) + (text[at] === 'a' ? 'b' : 'a') + text.slice(at + 1)
}

describe('X1 what nobody can give themselves', () => {
  for (const [field, value] of [
    ['role', 'admin'],
    ['shopId', '01890000-0000-7000-8000-000000000000'],
    ['shop_id', '01890000-0000-7000-8000-000000000000'],
    ['codTrusted', true],
    ['cod_trusted', true],
    ['banned', false],
    ['emailVerified', true],
    ['id', 'chosen'],
  ] as const) {
    test(`${field} at sign-up and in update-user`, async () => {
      const body = { name: 'Mallory', email: `mallory-${field.toLowerCase()}@example.test`, password: PASSWORD }
      const refused = await slice.call('POST', '/api/auth/sign-up/email', { body: { ...body, [field]: value } })
      assert.equal(refused.status, 400)
      assert.deepEqual(refused.body.error.details, { fields: [{ field, message: 'is not a known field' }] })
      const none = await slice.deps.db.many('test.none', sql`select id from users where email = ${body.email}`)
      assert.deepEqual(none, [])
      const made = await signUp(body.email)
      const headers = { cookie: cookieOf(made) }
      const update = await slice.call('POST', '/api/auth/update-user', { body: { name: 'M', [field]: value }, headers })
      assert.equal(update.status, 400)
      const row = await slice.deps.db.one(
        'test.row',
        sql`
        select name, role, shop_id, cod_trusted, banned, email_verified from users where email = ${body.email}`,
      )
      assert.deepEqual(row, {
        name: 'Asha Rao',
        role: 'customer',
        shop_id: null,
        cod_trusted: false,
        banned: false,
        email_verified: false,
      })
    })
  }

  test('X14 the name may change, without its hidden characters', async () => {
    const made = await signUp('renamed@example.test')
    const headers = { cookie: cookieOf(made) }
    const body = { name: '  Ashā\u202Enimda\u0007 ' }
    assert.equal((await slice.call('POST', '/api/auth/update-user', { body, headers })).status, 200)
    assert.equal((await slice.call('GET', '/who', { headers })).body.name, 'Ashānimda')
    const empty = await slice.call('POST', '/api/auth/update-user', { body: { name: '\u202E ' }, headers })
    assert.equal(empty.status, 400)
  })

  test('X23 routes of the auth library that are not listed do not exist', async () => {
    const admin = await slice.signedIn({ role: 'admin' })
    for (const path of [
      'admin/set-role',
      'admin/impersonate-user',
      'admin/remove-user',
      'delete-user',
      'sign-in/social',
    ]) {
      const answer = await slice.call('POST', `/api/auth/${path}`, { body: {}, as: admin })
      assert.equal(answer.status, 404, path)
    }
  })

  test('a customer may not ban anyone', async () => {
    const customer = await slice.signedIn({ role: 'customer' })
    const other = await slice.signedIn({ role: 'customer' })
    const answer = await slice.call('POST', '/api/auth/admin/ban-user', { body: { userId: other.id }, as: customer })
    assert.equal(answer.status, 403)
    assert.equal((await slice.call('GET', '/signed-in', { as: other })).status, 200)
  })
})

describe('admins', () => {
  test('A17 a changed role takes effect with the next request', async () => {
    const admin = await slice.signedIn({ role: 'admin' })
    const user = await slice.signedIn({ role: 'customer' })
    assert.equal((await slice.call('GET', '/admins', { as: user })).status, 403)
    const promoted = await slice.call('PATCH', `/api/admin/users/${user.id}`, { body: { role: 'admin' }, as: admin })
    assert.equal(promoted.status, 200)
    assert.equal(promoted.body.data.user.role, 'admin')
    assert.equal((await slice.call('GET', '/admins', { as: user })).status, 200)
    await slice.call('PATCH', `/api/admin/users/${user.id}`, { body: { role: 'customer' }, as: admin })
    const refused = await slice.call('GET', '/admins', { as: user })
    assert.equal(refused.status, 403)
    assert.equal(refused.body.error.code, 'forbidden')
  })

  test('a seller works for a shop, and no longer when no seller any more', async () => {
    const admin = await slice.signedIn({ role: 'admin' })
    const user = await slice.signedIn({ role: 'customer' })
    const shopId = slice.deps.ports.ids.uuid()
    await slice.deps.db.alone.run('test.shop', sql`insert into shops (id, slug, name) values (${shopId}, 's', 'Shop')`)
    const patch = (body: object) => slice.call('PATCH', `/api/admin/users/${user.id}`, { body, as: admin })
    const hired = (await patch({ role: 'seller', shopId, codTrusted: true })).body.data.user
    assert.deepEqual([hired.role, hired.shopId, hired.shopName, hired.codTrusted], ['seller', shopId, 'Shop', true])
    const who = (await slice.call('GET', '/who', { as: user })).body
    assert.deepEqual([who.role, who.shopId], ['seller', shopId])
    assert.equal(await isCodTrusted(slice.deps.db, user.id), true)
    const left = (await patch({ role: 'customer' })).body.data.user
    assert.deepEqual([left.role, left.shopId, left.codTrusted], ['customer', null, true])
    assert.equal((await slice.call('GET', '/who', { as: user })).body.shopId, null)
  })

  test('a banned user is out at once, and in again when the ban ends', async () => {
    const admin = await slice.signedIn({ role: 'admin' })
    const user = await slice.signedIn({ role: 'customer', email: 'banned@example.test', password: PASSWORD })
    const banned = await slice.call('POST', '/api/auth/admin/ban-user', { body: { userId: user.id }, as: admin })
    assert.equal(banned.status, 200)
    assert.equal((await slice.call('GET', '/signed-in', { as: user })).status, 401)
    const signIn = await slice.call('POST', '/api/auth/sign-in/email', {
      body: { email: 'banned@example.test', password: PASSWORD },
    })
    assert.equal(signIn.status, 403)
    assert.equal(
      (await slice.call('POST', '/api/auth/admin/unban-user', { body: { userId: user.id }, as: admin })).status,
      200,
    )
    const again = await slice.call('POST', '/api/auth/sign-in/email', {
      body: { email: 'banned@example.test', password: PASSWORD },
    })
    assert.equal(again.status, 200)
    const headers = { authorization: `Bearer ${again.body.token}` }
    await slice.deps.db.alone.run(
      'test.ban',
      sql`
      update users set banned = true, ban_expires = ${new Date(Date.now() + 60_000)} where id = ${user.id}`,
    )
    assert.equal((await slice.call('GET', '/signed-in', { headers })).status, 401)
    slice.clock.aheadMs = 61_000
    assert.equal((await slice.call('GET', '/signed-in', { headers })).status, 200)
    slice.clock.aheadMs = 0
  })

  test('a password that an admin sets ends all sessions of the user', async () => {
    const admin = await slice.signedIn({ role: 'admin' })
    const user = await slice.signedIn({ role: 'customer', email: 'forgot@example.test', password: PASSWORD })
    const set = await slice.call('POST', '/api/auth/admin/set-user-password', {
      body: { userId: user.id, newPassword: 'told over the telephone' },
      as: admin,
    })
    assert.equal(set.status, 200)
    assert.equal((await slice.call('GET', '/signed-in', { as: user })).status, 401)
    const signIn = await slice.call('POST', '/api/auth/sign-in/email', {
      body: { email: 'forgot@example.test', password: 'told over the telephone' },
    })
    assert.equal(signIn.status, 200)
  })

  test('X3 users are listed newest first, found by name and address, page by page', async () => {
    const admin = await slice.signedIn({ role: 'admin' })
    for (let index = 0; index < 5; index += 1) {
      await slice.signedIn({ role: 'seller', name: `100% Wool_${index}`, email: `wool-${index}@example.test` })
      // Ids tell milliseconds apart, no less.
      await slice.deps.ports.timers.sleep(2)
    }
    const seen: string[] = []
    let cursor: string | null = ''
    for (let page = 0; page < 5 && cursor !== null; page += 1) {
      const answer = await slice.call(
        'GET',
        `/api/admin/users?search=100%25 wool_&limit=2&role=seller${cursor && `&cursor=${cursor}`}`,
        {
          as: admin,
        },
      )
      assert.equal(answer.status, 200)
      seen.push(...answer.body.data.users.map((user: { email: string }) => user.email))
      cursor = answer.body.pagination.nextCursor
    }
    assert.deepEqual(
      seen,
      [4, 3, 2, 1, 0].map((index) => `wool-${index}@example.test`),
    )
    assert.equal((await slice.call('GET', '/api/admin/users?search=%25', { as: admin })).body.data.users.length, 5)
    assert.equal((await slice.call('GET', '/api/admin/users?cursor=nonsense', { as: admin })).status, 400)
  })

  test('only admins see and change users', async () => {
    const seller = await slice.signedIn({ role: 'seller' })
    assert.equal((await slice.call('GET', '/api/admin/users')).status, 401)
    assert.equal((await slice.call('GET', '/api/admin/users', { as: seller })).status, 403)
    const own = await slice.call('PATCH', `/api/admin/users/${seller.id}`, { body: { role: 'admin' }, as: seller })
    assert.equal(own.status, 403)
  })

  for (const [name, body] of [
    ['no field', {}],
    ['an unknown field', { banned: true }],
    ['an unknown role', { role: 'owner' }],
    ['a role in another type', { role: ['admin'] }],
    ['text for a truth value', { codTrusted: 'true' }],
    ['a shop that does not exist', { role: 'seller', shopId: '01890000-0000-7000-8000-000000000000' }],
    ['a shop that is no id', { shopId: "'; drop table users; --" }],
    ['a shop for a customer', { role: 'customer', shopId: '01890000-0000-7000-8000-000000000000' }],
  ] as const) {
    test(`a change of a user is refused with ${name}, and nothing changes`, async () => {
      const admin = await slice.signedIn({ role: 'admin' })
      const user = await slice.signedIn({ role: 'customer' })
      const answer = await slice.call('PATCH', `/api/admin/users/${user.id}`, { body, as: admin })
      assert.equal(answer.status, 400)
      assert.equal(answer.body.error.code, 'validation_failed')
      const row = await slice.deps.db.one(
        'test.user',
        sql`select role, shop_id, cod_trusted from users where id = ${user.id}`,
      )
      assert.deepEqual(row, { role: 'customer', shop_id: null, cod_trusted: false })
    })
  }

  test('an unknown user is not found', async () => {
    const admin = await slice.signedIn({ role: 'admin' })
    const answer = await slice.call('PATCH', '/api/admin/users/nobody', { body: { codTrusted: true }, as: admin })
    assert.equal(answer.status, 404)
  })
})

describe('requests that browsers send for other sites', () => {
  const cases: [string, Record<string, string>, number][] = [
    ['no origin, as programs do', {}, 200],
    ['our own origin', { origin: 'http://127.0.0.1:3000' }, 200],
    ['FX18 another name of the same host', { origin: 'http://localhost:3000', host: 'localhost:3000' }, 403],
    ['another site', { origin: 'https://evil.example.test' }, 403],
    ['another port', { origin: 'http://127.0.0.1:4000' }, 403],
    ['a page without an origin', { origin: 'null' }, 403],
  ]
  for (const [name, headers, status] of cases) {
    test(`signing out with ${name}: ${status}`, async () => {
      const made = await signUp(`origin-${name.replaceAll(/\W/g, '-')}@example.test`)
      const cookie = cookieOf(made)
      const answer = await slice.call('POST', '/api/auth/sign-out', { body: {}, headers: { cookie, ...headers } })
      assert.equal(answer.status, status)
      assert.equal((await slice.call('GET', '/signed-in', { headers: { cookie } })).status, status === 200 ? 401 : 200)
    })
  }

  test('a form of another site cannot sign anyone in', async () => {
    await signUp('form@example.test')
    const answer = await slice.app.inject({
      method: 'POST',
      url: '/api/auth/sign-in/email',
      headers: { 'content-type': 'text/plain', origin: 'https://evil.example.test' },
      payload: JSON.stringify({ email: 'form@example.test', password: PASSWORD }),
    })
    assert.equal(answer.statusCode, 415)
    assert.equal(answer.headers['set-cookie'], undefined)
  })
})

test('an unreachable database is an outage, not a wrong password', async () => {
  const accounts = await createAccounts(slice.deps, {
    databaseUrl: 'postgres://nobody@127.0.0.1:1/none',
    secret: TEST_SECRET,
    publicUrl: 'http://127.0.0.1:3000',
    trustedOrigins: [],
  })
  const app = await createHttp({
    log: slice.deps.log,
    ports: slice.deps.ports,
    publicUrl: 'http://127.0.0.1:3000',
    corsOrigins: [],
    trustProxyHops: 0,
  })
  registerAccountRoutes(app, slice.deps, accounts)
  try {
    const answer = await app.inject({
      method: 'POST',
      url: '/api/auth/sign-in/email',
      payload: { email: 'a@example.test', password: PASSWORD },
    })
    assert.equal(answer.statusCode, 503)
    assert.equal(answer.json().error.code, 'unavailable')
    assert.equal(answer.headers['retry-after'], '1')
  } finally {
    await app.close()
    await accounts.close()
  }
})

describe('on a database of its own', () => {
  test('the first admin is made once, and takes over an address that somebody signed up with', async () => {
    const alone = await openSliceApp(() => {})
    try {
      const squatter = await alone.signedIn({ role: 'customer', email: 'owner@example.test', password: PASSWORD })
      const made = await alone.accounts.ensureAdmin({ email: 'Owner@Example.test', password: 'from the environment' })
      assert.deepEqual(made, { outcome: 'made', id: squatter.id })
      assert.equal((await alone.call('GET', '/api/admin/users', { as: squatter })).status, 401)
      const signIn = (password: string) =>
        alone.call('POST', '/api/auth/sign-in/email', { body: { email: 'owner@example.test', password } })
      assert.equal((await signIn(PASSWORD)).status, 401)
      assert.equal((await signIn('from the environment')).body.user.role, 'admin')
      const again = (email: string) => alone.accounts.ensureAdmin({ email, password: PASSWORD })
      assert.deepEqual(await again('owner@example.test'), { outcome: 'there' })
      assert.deepEqual(await again('other@example.test'), { outcome: 'others' })
      assert.equal((await signIn(PASSWORD)).status, 401)
    } finally {
      await alone.close()
    }
  })

  test('a user is made once by processes that start together', async () => {
    const alone = await openSliceApp(() => {})
    try {
      const user = { email: 'seller@example.test', password: PASSWORD, name: 'Seller', role: 'seller' as const }
      const ids = await Promise.all([1, 2, 3].map(() => alone.accounts.ensureUser(user)))
      assert.equal(new Set(ids.map(({ id }) => id)).size, 1)
      const rows = await alone.deps.db.many('test.accounts', sql`select id from auth_accounts`)
      assert.equal(rows.length, 1)
    } finally {
      await alone.close()
    }
  })

  test('an https site has secure cookies only', async () => {
    const alone = await openSliceApp(
      (app, _deps, accounts) => app.get('/who', async (request) => (await accounts.find(request)) ?? null),
      {
        publicUrl: 'https://shop.example.test',
      },
    )
    try {
      await alone.accounts.ensureUser({ name: 'A', email: 'a@example.test', password: PASSWORD, role: 'customer' })
      const made = await alone.call('POST', '/api/auth/sign-in/email', {
        body: { email: 'a@example.test', password: PASSWORD },
      })
      assert.match(cookieOf(made), /^__Secure-hundi\.session_token=/)
      assert.match(String(made.headers['set-cookie']), /; Secure/)
      assert.equal((await alone.call('GET', '/who', { headers: { cookie: cookieOf(made) } })).body.name, 'A')
    } finally {
      await alone.close()
    }
  })
})
