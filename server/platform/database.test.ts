/** On a real PostgreSQL: what a transaction promises, and what becomes of it when things break. */
import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import { createTestDatabase, type TestDatabase } from '../../test/database.ts'
import { PATIENCE_MS } from '../../test/until.ts'
import {
  assertNoTransaction,
  codeOf,
  inTransaction,
  openDatabase,
  raw,
  sql,
  violatedConstraint,
  type Database,
  type Tx,
} from './database.ts'
import { systemPorts, type Points, type Ports } from './ports.ts'

let database: TestDatabase
let db: Database

function open(points?: Points, max = 4): Database {
  const ports: Ports = systemPorts(points)
  return openDatabase({ url: database.url, max, acquireTimeoutMs: PATIENCE_MS }, ports)
}

before(async () => {
  database = await createTestDatabase()
  db = open()
  await db.alone.run(
    'setup',
    sql`create table things (id int8 primary key, amount int8 not null check (amount >= 0), other int8)`,
  )
  await db.alone.run('setup', sql`insert into things values (1, 100), (2, 200)`)
})
after(async () => {
  await db.close()
  await database.drop()
})

const amountOf = async (id: number) =>
  (await db.maybeOne<{ amount: number }>('things.amount', sql`select amount from things where id = ${id}`))?.amount

describe('reading', () => {
  test('gives rows with integers as numbers', async () => {
    const rows = await db.many('things.all', sql`select id, amount from things where id <= 2 order by id`)
    assert.deepEqual(rows, [
      { id: 1, amount: 100 },
      { id: 2, amount: 200 },
    ])
  })

  test('of a number that is no safe integer fails instead of rounding', async () => {
    await assert.rejects(db.one('big', sql`select 9007199254740993::int8 as n`), /beyond the safe integers/)
    assert.deepEqual(await db.one('edge', sql`select 9007199254740991::int8 as n`), { n: Number.MAX_SAFE_INTEGER })
  })

  test('one row must be there, maybe one must not be two', async () => {
    await assert.rejects(db.one('none', sql`select 1 where false`), /none gave 0 rows/)
    await assert.rejects(db.maybeOne('two', sql`select * from things where id <= 2`), /two gave 2 rows/)
    assert.equal(await db.maybeOne('none', sql`select 1 where false`), undefined)
  })

  test('X3 values are parameters, never text of the statement', async () => {
    const nasty = `'); drop table things; --`
    assert.deepEqual(await db.one('echo', sql`select ${nasty}::text as text`), { text: nasty })
  })

  test('statements of one long name are not confused', async () => {
    const name = 'a-name-that-is-longer-than-what-postgresql-allows-for-a-prepared-statement'
    const client = open(undefined, 1)
    assert.deepEqual(await client.one(name, sql`select 1 as n`), { n: 1 })
    assert.deepEqual(await client.one(name, sql`select 2 as n`), { n: 2 })
    await client.close()
  })
})

describe('a transaction', () => {
  test('S13 does what waits for its commit once, after it, and fails by none of it', async () => {
    const seen: string[] = []
    const result = await inTransaction(db, 'figures', async (tx) => {
      tx.afterCommit(() => {
        throw new Error('the figures cannot be kept')
      })
      tx.afterCommit(() => seen.push('after'))
      await tx.run('things.set', sql`insert into things values (77, 7)`)
      seen.push('before')
      return 'done'
    })
    assert.equal(result, 'done')
    assert.deepEqual(seen, ['before', 'after'])
    assert.equal(await amountOf(77), 7)
    await db.alone.run('things.away', sql`delete from things where id = 77`)
  })

  test('does none of it when it is rolled back, and once when it is run again', async () => {
    const seen: string[] = []
    await assert.rejects(
      inTransaction(db, 'fails', async (tx) => {
        tx.afterCommit(() => seen.push('rolled back'))
        throw new Error('no')
      }),
    )
    let tries = 0
    await inTransaction(db, 'again', async (tx) => {
      tries += 1
      tx.afterCommit(() => seen.push(`try ${tries}`))
      if (tries === 1)
        await tx.run('serialization', sql`do $$ begin raise exception 'again' using errcode = '40001'; end $$`)
    })
    assert.deepEqual(seen, ['try 2'])
    db.alone.afterCommit(() => seen.push('at once'))
    assert.deepEqual(seen, ['try 2', 'at once'])
  })

  test('commits what its work did and gives its result', async () => {
    const result = await inTransaction(db, 'move', async (tx) => {
      assert.equal(await tx.run('things.set', sql`update things set amount = 150 where id = 1`), 1)
      tx.send('things.set', sql`update things set amount = 250 where id = 2`)
      return 'moved'
    })
    assert.equal(result, 'moved')
    assert.deepEqual([await amountOf(1), await amountOf(2)], [150, 250])
  })

  test('that throws leaves nothing, and its connection is as good as new', async () => {
    const [before1, before2] = [await amountOf(1), await amountOf(2)]
    await assert.rejects(
      inTransaction(db, 'fails', async (tx) => {
        await tx.run('things.set', sql`update things set amount = 1 where id = 1`)
        tx.send('things.set', sql`update things set amount = 2 where id = 2`)
        throw new Error('changed our mind')
      }),
      /changed our mind/,
    )
    assert.deepEqual([await amountOf(1), await amountOf(2)], [before1, before2])
    assert.equal(db.pool.totalCount - db.pool.idleCount, 0)
  })

  test('whose sent statement fails is rolled back, and says why', async () => {
    const earlier = await amountOf(1)
    await assert.rejects(
      inTransaction(db, 'sent', async (tx) => {
        await tx.run('things.set', sql`update things set amount = 7 where id = 1`)
        tx.send('things.twice', sql`insert into things values (2, 1)`)
      }),
      (error) => codeOf(error) === '23505' && violatedConstraint(error) === 'things_pkey',
    )
    assert.equal(await amountOf(1), earlier)
  })

  test('whose sent statement fails says why even when a later one was waited for', async () => {
    await assert.rejects(
      inTransaction(db, 'sent', async (tx) => {
        tx.send('things.twice', sql`insert into things values (2, 1)`)
        await tx.one('things.count', sql`select count(*) from things`)
      }),
      (error) => {
        assert.equal(codeOf(error), '23505')
        return true
      },
    )
  })

  test('that caught a failed statement cannot commit the rest', async () => {
    const earlier = await amountOf(1)
    await assert.rejects(
      inTransaction(db, 'half', async (tx) => {
        await tx.run('things.set', sql`update things set amount = 9 where id = 1`)
        await tx.run('things.twice', sql`insert into things values (2, 1)`).catch(() => {})
      }),
      /half was rolled back/,
    )
    assert.equal(await amountOf(1), earlier)
  })

  for (const { id, code } of [
    { id: 'D3', code: '40001' },
    { id: 'D4', code: '40P01' },
  ]) {
    test(`${id} that ends in ${code} is run again, reads included`, async () => {
      let runs = 0
      const result = await inTransaction(db, 'again', async (tx) => {
        runs += 1
        await tx.run('things.add', sql`update things set amount = amount + 1 where id = 2`)
        if (runs < 3) await tx.run('fail', raiseStatement(code))
        return tx.one('things.amount', sql`select amount from things where id = 2`)
      })
      assert.equal(runs, 3)
      assert.deepEqual(result, { amount: await amountOf(2) })
    })

    test(`${id} that ends in ${code} by a statement which it did not wait for is run again`, async () => {
      let runs = 0
      await inTransaction(db, 'again', async (tx) => {
        runs += 1
        if (runs < 2) tx.send('fail', raiseStatement(code))
        await tx.one('things.count', sql`select count(*) from things`)
      })
      assert.equal(runs, 2)
    })
  }

  test('that fails otherwise is run once', async () => {
    let runs = 0
    await assert.rejects(
      inTransaction(db, 'once', async (tx) => {
        runs += 1
        await tx.run('things.check', sql`update things set amount = -1 where id = 1`)
      }),
      (error) => codeOf(error) === '23514',
    )
    assert.equal(runs, 1)
  })

  test('D4 in a true deadlock: both end, one after the other', async () => {
    let waiting = 0
    const bothHold = Promise.withResolvers<void>()
    const cross = (first: number, second: number) =>
      inTransaction(db, `cross ${first}`, async (tx) => {
        await tx.run('things.lock', sql`update things set other = ${first} where id = ${first}`)
        waiting += 1
        if (waiting === 2) bothHold.resolve()
        await bothHold.promise
        await tx.run('things.lock', sql`update things set other = ${first} where id = ${second}`)
      })
    await Promise.all([cross(1, 2), cross(2, 1)])
    const { n } = await db.one<{ n: number }>('n', sql`select count(distinct other) as n from things where id <= 2`)
    assert.equal(n, 1)
  })

  test('is known to whoever would call out while it is open, and only there', async () => {
    await inTransaction(db, 'outer', async () => {
      assert.throws(() => assertNoTransaction('calling out'), /calling out while the transaction "outer" is open/)
      await Promise.resolve()
      assert.throws(() => assertNoTransaction('calling out'))
    })
    assertNoTransaction('calling out')
  })

  test('reaches its points around every statement and the commit', async () => {
    const reached: string[] = []
    const watched = open({
      reach: async (point) => {
        reached.push(point)
      },
    })
    await inTransaction(watched, 'watched', async (tx) => {
      await tx.one('things.count', sql`select count(*) from things`)
      tx.send('things.touch', sql`update things set other = 0 where id = 1`)
    })
    assert.deepEqual(reached, ['sql:things.count', 'sql:things.touch', 'tx:watched:commit', 'tx:watched:committed'])
    await watched.close()
  })

  test('is over when its work is done: whoever kept it cannot write on with it', async () => {
    const earlier = await amountOf(1)
    let kept: Tx | undefined
    await inTransaction(db, 'kept', async (tx) => {
      kept = tx
    })
    const write = sql`update things set amount = 13 where id = 1`
    await assert.rejects(async () => kept?.run('things.set', write), { code: 'ERR_ASSERTION' })
    assert.throws(() => kept?.send('things.set', write), { code: 'ERR_ASSERTION' })
    assert.equal(await amountOf(1), earlier)
  })

  test('does not take writes that nobody waits for outside it', async () => {
    assert.throws(() => db.alone.send('things.touch', sql`select 1`), /needs a transaction/)
  })
})

function raiseStatement(code: string) {
  return sql`do ${raw(`$$begin raise exception using errcode = '${code}'; end$$`)}`
}
