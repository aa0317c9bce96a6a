/** On a real PostgreSQL: who goes together, and that nobody pays for another's fault. */
import assert from 'node:assert/strict'
import { after, before, beforeEach, describe, test } from 'node:test'
import { createTestDatabase, type TestDatabase } from '../../test/database.ts'
import { PATIENCE_MS } from '../../test/until.ts'
import { asOutage, openDatabase, sql, violatedConstraint, type Database, type Tx } from './database.ts'
import { AppError } from './errors.ts'
import { inGroup, statementInGroup } from './groups.ts'
import { systemPorts, type Ports } from './ports.ts'

let database: TestDatabase
let db: Database
let ports: Ports
/** What was reached, in its order. */
let reached: string[]

before(async () => {
  database = await createTestDatabase()
  ports = systemPorts({ reach: async (point) => void reached.push(point) })
  reached = []
  db = openDatabase({ url: database.url, max: 4, acquireTimeoutMs: PATIENCE_MS }, ports)
  await db.alone.run('setup', sql`create table things (key text primary key, amount int8 not null check (amount >= 0))`)
})
beforeEach(async () => {
  await db.alone.run('setup', sql`delete from things`)
  reached = []
})
after(async () => {
  await db.close()
  await database.drop()
})

const ask = <T>(key: string, work: (tx: Tx) => Promise<T>) => inGroup(db, { lane: 'settling', name: 'test', key }, work)

/** Writes a thing, and gives the id of the transaction that did. */
async function write(tx: Tx, key: string, amount = 1): Promise<string> {
  const { id } = await tx.one<{ id: string }>('test.xid', sql`select pg_current_xact_id()::text as id`)
  tx.send('test.write', sql`insert into things values (${key}, ${amount})`)
  return id
}

async function things(): Promise<string[]> {
  return (await db.many<{ key: string }>('test.things', sql`select key from things order by key`)).map(({ key }) => key)
}

/** Keeps the lane busy with a group of one, so that whatever comes waits. */
function busy(key = 'the one before'): { end: () => void; ended: Promise<void> } {
  const held = Promise.withResolvers<void>()
  return { end: held.resolve, ended: ask(key, () => held.promise) }
}

const undone = async () => (await ports.metrics.counted('hundi_groups_undone_total', 'lane')).get('settling') ?? 0

describe('who goes together', () => {
  test('one that comes while nobody is under way leaves at once, and those that wait for it leave as one', async () => {
    const first = busy()
    const waiting = ['c', 'a', 'b'].map((key) => ask(key, (tx) => write(tx, key)))
    first.end()
    const ids = await Promise.all(waiting)
    assert.equal(new Set(ids).size, 1)
    assert.deepEqual(await things(), ['a', 'b', 'c'])
    assert.equal(reached.filter((point) => point === 'tx:test:committed').length, 2)
  })

  test('works of a group begin in the order of their keys', async () => {
    const first = busy()
    const begun: string[] = []
    const waiting = ['m', 'z', 'a', 'k'].map((key) =>
      ask(key, async () => {
        begun.push(key)
      }),
    )
    first.end()
    await Promise.all(waiting)
    assert.deepEqual(begun, ['a', 'k', 'm', 'z'])
  })

  test('two that are about the same never go together', async () => {
    const first = busy()
    const one = async (tx: Tx): Promise<string> => {
      const { id } = await tx.one<{ id: string }>('test.xid', sql`select pg_current_xact_id()::text as id`)
      return id
    }
    const waiting = Array.from({ length: 4 }, () => ask('same', one))
    first.end()
    assert.equal(new Set(await Promise.all(waiting)).size, 4)
  })

  test('sixty-four at most; the others are the next group', async () => {
    const first = busy()
    const keys = Array.from({ length: 70 }, (_, at) => `k${String(at).padStart(2, '0')}`)
    const waiting = keys.map((key) => ask(key, (tx) => write(tx, key)))
    first.end()
    const ids = await Promise.all(waiting)
    assert.deepEqual([new Set(ids.slice(0, 64)).size, new Set(ids.slice(64)).size], [1, 1])
    assert.notEqual(ids[0], ids[69])
    assert.deepEqual(await things(), keys)
  })

  test('a group that waits for somebody holds nobody up', async () => {
    const first = busy('a')
    assert.equal(await ask('b', async () => 'another'), 'another')
    first.end()
    await first.ended
  })

  test('rows that are gathered are written once for the whole group, in the one order', async () => {
    const first = busy()
    const written: string[] = []
    const gather = (tx: Tx, kind: 'events' | 'stock', row: string) =>
      tx.gather(kind, [row], (_tx, rows) => void written.push(`${kind}: ${rows.join(' ')}`))
    const waiting = ['b', 'a'].map((key) =>
      ask(key, async (tx) => {
        gather(tx, 'stock', key)
        gather(tx, 'events', key)
      }),
    )
    first.end()
    await Promise.all(waiting)
    assert.deepEqual(written, ['events: a b', 'stock: a b'])
  })

  test('one statement that nobody shares is a transaction by itself', async () => {
    const place = { lane: 'inbox', name: 'test', key: 'x' } as const
    await statementInGroup(db, place, (tx) => tx.run('test.one', sql`insert into things values ('x', 1)`))
    assert.deepEqual(reached, ['sql:test.one'])
    assert.deepEqual(await things(), ['x'])
  })
})

describe('nobody pays for another', () => {
  const refuse = () => Promise.reject(new AppError('out_of_stock', 'gone'))

  test('who refuses before anything is written is left out', async () => {
    const first = busy()
    const before = await undone()
    const [a, b, c] = [
      ask('a', (tx) => write(tx, 'a')),
      ask('b', async (tx) => {
        await tx.one('test.look', sql`select 1 for update`)
        return refuse()
      }),
      ask('c', (tx) => write(tx, 'c')),
    ]
    first.end()
    await assert.rejects(b, { code: 'out_of_stock' })
    assert.equal(await a, await c)
    assert.deepEqual(await things(), ['a', 'c'])
    assert.equal(await undone(), before)
  })

  for (const [what, bad, expected] of [
    [
      'a constraint',
      (tx: Tx) => write(tx, 'b', -1),
      (error: unknown) => violatedConstraint(error) === 'things_amount_check',
    ],
    [
      'itself, after it has written',
      async (tx: Tx) => {
        await write(tx, 'b')
        return refuse()
      },
      (error: unknown) => error instanceof AppError && error.code === 'out_of_stock',
    ],
    [
      'a mistake of ours',
      async () => {
        throw new TypeError('a mistake')
      },
      (error: unknown) => error instanceof TypeError,
    ],
  ] as const) {
    test(`one is refused by ${what}: all are undone, and each is done once more alone`, async () => {
      const first = busy()
      const before = await undone()
      let times = 0
      const [a, b, c] = [
        ask('a', (tx) => write(tx, 'a')),
        ask('b', (tx) => {
          times += 1
          return bad(tx)
        }),
        ask('c', (tx) => write(tx, 'c')),
      ]
      const [refused] = [assert.rejects(b, expected)]
      first.end()
      assert.notEqual(await a, await c)
      await refused
      assert.deepEqual(await things(), ['a', 'c'])
      assert.deepEqual([times, (await undone()) - before], [2, 1])
    })
  }

  test('a connection that is lost is told to each, and nothing is done again', async () => {
    const first = busy()
    let times = 0
    const lost = ['a', 'b', 'c'].map((key) =>
      ask(key, async (tx) => {
        times += 1
        await write(tx, key)
        if (key === 'c') await tx.one('test.die', sql`select pg_terminate_backend(pg_backend_pid())`)
      }),
    )
    first.end()
    for (const end of await Promise.allSettled(lost)) {
      assert.ok(end.status === 'rejected' && asOutage(end.reason) !== undefined, JSON.stringify(end))
    }
    assert.deepEqual([await things(), times], [[], 3])
    // The next group has a connection of its own.
    await ask('d', (tx) => write(tx, 'd'))
    assert.deepEqual(await things(), ['d'])
  })
})
