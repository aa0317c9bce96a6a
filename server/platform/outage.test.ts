/** On a real PostgreSQL that breaks: each way ends as an answer which says "send it again", and the pool recovers. */
import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import { limitAnswers } from '../../test/limits.ts'
import { openDatabaseRelay } from '../../test/database-relay.ts'
import { createTestDatabase, type TestDatabase } from '../../test/database.ts'
import { PATIENCE_MS, until } from '../../test/until.ts'
import {
  asOutage,
  codeOf,
  inTransaction,
  openDatabase,
  raw,
  sql,
  violatedConstraint,
  type Database,
  type DatabaseOptions,
} from './database.ts'
import { systemPorts } from './ports.ts'

/** Limits for what never comes; where something is to come they are as long as the slowest machine needs. */
const ACQUIRE_MS = 300
const ANSWER_MS = 400
const READ_ONLY = '25006'

let database: TestDatabase
let db: Database

function open(max = 4, url = database.url, limits: Partial<DatabaseOptions> = {}): Database {
  const patient = { acquireTimeoutMs: PATIENCE_MS, answerTimeoutMs: PATIENCE_MS }
  return openDatabase({ url, max, ...patient, ...limits }, systemPorts())
}

before(async () => {
  database = await createTestDatabase()
  db = open()
  await db.alone.run('setup', sql`create table things (id int8 primary key, amount int8 not null)`)
  await db.alone.run('setup', sql`insert into things values (1, 100), (2, 200)`)
})
after(async () => {
  // Whatever went wrong above, nobody kept a connection.
  assert.equal(db.pool.totalCount - db.pool.idleCount, 0)
  await db.close()
  await database.drop()
})

const amountOf = async (id: number) =>
  (await db.maybeOne<{ amount: number }>('things.amount', sql`select amount from things where id = ${id}`))?.amount

const setAmount = (to: number, of = db) =>
  inTransaction(of, 'set', async (tx) => {
    await tx.run('things.set', sql`update things set amount = ${to} where id = 1`)
  })

const isOutage = (error: unknown) => {
  assert.deepEqual([asOutage(error)?.status, asOutage(error)?.retryAfterS], [503, 1], String(error))
  return true
}

/** Ends every connection to this database but the one that asks, as a server does that stops. */
const endConnections = async () => {
  const other = open(1)
  await other.many(
    'cut',
    sql`select pg_terminate_backend(pid, 1000) from pg_stat_activity
        where datname = current_database() and pid <> pg_backend_pid()`,
  )
  await other.close()
}

describe('a connection that breaks', () => {
  test('D1 in the middle of a transaction: rolled back, can be asked again, and the pool recovers', async () => {
    const earlier = await amountOf(1)
    await assert.rejects(
      inTransaction(db, 'cut', async (tx) => {
        await tx.run('things.set', sql`update things set amount = 11 where id = 1`)
        const { pid } = await tx.one<{ pid: number }>('pid', sql`select pg_backend_pid() as pid`)
        await db.one('cut', sql`select pg_terminate_backend(${pid}, 1000)`)
        await tx.one('things.count', sql`select count(*) from things`)
      }),
      isOutage,
    )
    assert.equal(await amountOf(1), earlier)
  })

  test('D1 under a statement that runs', async () => {
    await assert.rejects(
      inTransaction(db, 'cut', async (tx) => {
        const { pid } = await tx.one<{ pid: number }>('pid', sql`select pg_backend_pid() as pid`)
        const sleeping = tx.one('sleeps', sql`select pg_sleep(3)`)
        const cut = db.one('cut', sql`select pg_terminate_backend(${pid}, 1000)`)
        await Promise.all([sleeping, cut])
      }),
      isOutage,
    )
  })

  test('D1 while idle: no process ends, and the next request works', async () => {
    await db.many('warm', sql`select 1`)
    await endConnections()
    await until('the pool has heard of it', () => db.pool.totalCount === 0)
    assert.deepEqual(await db.one('again', sql`select 1 as n`), { n: 1 })
  })

  for (const { trouble, done } of [
    { trouble: 'cut before', done: false },
    { trouble: 'cut after', done: true },
    { trouble: 'silence after', done: true },
  ] as const) {
    test(`D2 around its commit (${trouble}): nobody knows, so it can be asked again`, async () => {
      const relay = await openDatabaseRelay(database.url)
      let planned = false
      const points = {
        async reach(point: string) {
          if (planned || point !== 'tx:set:commit') return
          planned = true
          relay.plan(trouble)
        },
      }
      const far = openDatabase({ url: relay.url, max: 2, acquireTimeoutMs: PATIENCE_MS }, systemPorts(points))
      limitAnswers(far.pool, () => (relay.idle ? PATIENCE_MS : ANSWER_MS))
      await setAmount(100)
      await assert.rejects(setAmount(done ? 111 : 110, far), (error: Error) => {
        if (trouble === 'silence after') assert.equal(error.message, 'Query read timeout')
        return isOutage(error)
      })
      await until('the database has heard of it', () => relay.idle)
      assert.equal(await amountOf(1), done ? 111 : 100)
      await setAmount(112, far)
      assert.equal(await amountOf(1), 112)
      assert.equal(far.pool.totalCount - far.pool.idleCount, 0)
      await far.close()
      await relay.close()
    })
  }

  /** No label is so long: nobody has to be asked. */
  const NO_NAME = `${'a'.repeat(64)}.invalid`
  for (const host of ['127.0.0.1', 'localhost', NO_NAME]) {
    test(`D9 to a server that is not there (${host.slice(0, 20)}): refused, and can be asked again`, async () => {
      const gone = open(1, `postgres://nobody@${host}:1/none`)
      await assert.rejects(gone.one('gone', sql`select 1`), isOutage)
      await assert.rejects(setAmount(1, gone), isOutage)
      await gone.close()
    })
  }
})

describe('what takes too long', () => {
  test('D6 a statement is ended by the server, and the transaction with it', async () => {
    const earlier = await amountOf(1)
    await assert.rejects(
      inTransaction(db, 'slow', async (tx) => {
        await tx.run('things.set', sql`update things set amount = 12 where id = 1`)
        await tx.run('timeout', sql`set local statement_timeout = '50ms'`)
        await tx.run('sleeps', sql`select pg_sleep(3)`)
      }),
      (error) => codeOf(error) === '57014' && isOutage(error),
    )
    assert.equal(await amountOf(1), earlier)
  })

  test('D6 a transaction that may take long is given the time, and no other', async () => {
    const slow = (ms: number) => sql`select pg_sleep(${ms / 1_000}), 1 as n`
    const brief = open(1)
    let limitMs = PATIENCE_MS
    limitAnswers(brief.pool, () => limitMs)
    const result = await inTransaction(brief, 'long', async (tx) => {
      await tx.allow(PATIENCE_MS)
      limitMs = ANSWER_MS
      await tx.run('sleeps', slow(2 * ANSWER_MS))
      tx.send('sleeps', slow(2 * ANSWER_MS))
      return 'done'
    })
    assert.equal(result, 'done')
    await assert.rejects(
      inTransaction(db, 'longer', async (tx) => {
        await tx.allow(50)
        await tx.run('sleeps', slow(2 * ANSWER_MS))
      }),
      (error) => codeOf(error) === '57014',
    )
    await assert.rejects(brief.one('sleeps', slow(2 * ANSWER_MS)), isOutage)
    await brief.close()
  })

  test('D6 a lock is not waited for long', async () => {
    const held = Promise.withResolvers<void>()
    const locked = Promise.withResolvers<void>()
    const holding = inTransaction(db, 'holds', async (tx) => {
      await tx.run('things.lock', sql`select * from things where id = 1 for update`)
      locked.resolve()
      await held.promise
    })
    await locked.promise
    await assert.rejects(
      inTransaction(db, 'waits', async (tx) => {
        await tx.run('timeout', sql`set local lock_timeout = '50ms'`)
        await tx.run('things.lock', sql`select * from things where id = 1 for update`)
      }),
      (error) => codeOf(error) === '55P03' && isOutage(error),
    )
    held.resolve()
    await holding
  })

  test('D6 D13 the limits are set on every connection', async () => {
    const rows = await db.many<{ name: string; setting: string }>(
      'limits',
      sql`select name, setting from pg_settings where name in
            ('lock_timeout', 'statement_timeout', 'idle_in_transaction_session_timeout') order by name`,
    )
    assert.deepEqual(
      rows.map(({ setting }) => Number(setting)),
      [10_000, 3_000, 5_000],
    )
  })

  test('D7 a free connection is not waited for longer than is allowed', async () => {
    const small = open(1, database.url, { acquireTimeoutMs: ACQUIRE_MS })
    await small.many('warm', sql`select 1`)
    const held = Promise.withResolvers<void>()
    const holding = inTransaction(small, 'held', () => held.promise)
    await assert.rejects(small.one('waits', sql`select 1`), (error: Error) => {
      assert.match(error.message, /timeout exceeded when trying to connect/)
      return isOutage(error)
    })
    held.resolve()
    await holding
    assert.deepEqual(await small.one('free', sql`select 1 as n`), { n: 1 })
    await small.close()
  })

  test('D13 a transaction that idles is ended by the server, its locks are free, and its caller may ask again', async () => {
    const earlier = await amountOf(1)
    await assert.rejects(
      inTransaction(db, 'idles', async (tx) => {
        await tx.run('timeout', sql`set local idle_in_transaction_session_timeout = '50ms'`)
        await tx.run('things.set', sql`update things set amount = 13 where id = 1`)
        await new Promise((resolve) => setTimeout(resolve, 200))
        await tx.one('things.count', sql`select count(*) from things`)
      }),
      isOutage,
    )
    assert.equal(await amountOf(1), earlier)
    await setAmount(100)
  })
})

describe('a server that cannot write', () => {
  test('D10 is read only after a failover: refused, and asked anew on a new connection when it can write again', async () => {
    const { name } = await db.one<{ name: string }>('name', sql`select current_database() as name`)
    const readOnly = (value: string) =>
      db.many('readOnly', sql`${raw(`alter database ${name} set default_transaction_read_only = ${value}`)}`)
    const refused = (error: unknown) => codeOf(error) === READ_ONLY && isOutage(error)
    // Sessions that began before are as they were, so this one can take it back.
    await readOnly('on')
    const standby = open(1)
    try {
      await assert.rejects(setAmount(14, standby), refused)
      await assert.rejects(standby.alone.run('things.set', sql`update things set amount = 15 where id = 1`), refused)
      assert.deepEqual(await standby.one('reads', sql`select amount from things where id = 2`), { amount: 200 })
      await readOnly('off')
      await assert.rejects(setAmount(16, standby), refused)
      await setAmount(17, standby)
      assert.equal(await amountOf(1), 17)
    } finally {
      await readOnly('off')
      await standby.close()
    }
  })

  for (const [code, what] of [
    ['53100', 'the disk is full'],
    ['53200', 'memory is short'],
    ['53300', 'it has too many connections'],
    ['57P01', 'it is being stopped'],
    ['57P03', 'it is starting'],
  ]) {
    test(`${code === '53100' ? 'D8' : 'D9'} ${what}: can be asked again, and nothing is left`, async () => {
      const earlier = await amountOf(1)
      await assert.rejects(
        inTransaction(db, 'full', async (tx) => {
          await tx.run('things.set', sql`update things set amount = 18 where id = 1`)
          await tx.run('raise', sql`do ${raw(`$$begin raise exception using errcode = '${code}'; end$$`)}`)
        }),
        isOutage,
      )
      assert.equal(await amountOf(1), earlier)
    })
  }
})

for (const { id, code } of [
  { id: 'D3', code: '40001' },
  { id: 'D4', code: '40P01' },
]) {
  test(`${id} ${code} that comes every time: given up after five runs, and can be asked again`, async () => {
    let runs = 0
    await assert.rejects(
      inTransaction(db, 'never', async (tx) => {
        runs += 1
        await tx.run('raise', sql`do ${raw(`$$begin raise exception using errcode = '${code}'; end$$`)}`)
      }),
      (error) => codeOf(error) === code && isOutage(error),
    )
    assert.equal(runs, 5)
  })
}

test('D3 two transactions that could not have run one after the other: one is run again, and both count', async () => {
  let runs = 0
  const bothRead = Promise.withResolvers<void>()
  const addToOther = (mine: number, other: number) =>
    inTransaction(db, `add ${mine}`, async (tx) => {
      await tx.run('level', sql`set transaction isolation level serializable`)
      const read = await tx.one<{ amount: number }>('read', sql`select amount from things where id = ${other}`)
      runs += 1
      if (runs === 2) bothRead.resolve()
      await bothRead.promise
      await tx.run('add', sql`update things set amount = ${read.amount} + 1 where id = ${mine}`)
    })
  await db.alone.run('things.set', sql`update things set amount = 0`)
  await Promise.all([addToOther(1, 2), addToOther(2, 1)])
  assert.equal(runs, 3)
  // Whichever was second has seen what the first one wrote.
  assert.deepEqual([await amountOf(1), await amountOf(2)].sort(), [1, 2])
  await db.alone.run('things.set', sql`update things set amount = id * 100`)
})

test('D9 a name with several addresses of which none answers: Node says so without a message', () => {
  const refused = Object.assign(new AggregateError([]), { code: 'ECONNREFUSED' })
  assert.equal(asOutage(refused)?.code, 'unavailable')
})

test('what is no outage: a defect, a violated rule', () => {
  for (const error of [
    new Error('x is not a function'),
    'text',
    undefined,
    Object.assign(new Error(), { code: '23505' }),
  ]) {
    assert.equal(asOutage(error), undefined)
    assert.equal(codeOf(error), '')
    assert.equal(violatedConstraint(error), '')
  }
})
