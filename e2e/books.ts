/** After journeys: the books of the shop and of the provider, compared rupee by rupee. */
import assert from 'node:assert/strict'
import { setTimeout as sleep } from 'node:timers/promises'
import { openDatabase } from '../server/platform/database.ts'
import { systemPorts } from '../server/platform/ports.ts'
import { checkInvariants, compareWithProvider, type ProviderBooks } from '../test/invariants.ts'
import type { RunningShop } from './running-shop.ts'

/** Within that time the last webhooks have been read, and the last looks have been taken. */
const AT_REST_WITHIN_MS = 15_000
const LOOK_EVERY_MS = 250

/** Every rule about money and stock holds, and both books tell the same, once what is under way has arrived. */
export async function assertBooksAgree(shop: RunningShop): Promise<void> {
  const db = openDatabase({ url: shop.databaseUrl, max: 2 }, systemPorts())
  try {
    assert.deepEqual(await checkInvariants(db), [])
    const deadline = Date.now() + AT_REST_WITHIN_MS
    for (;;) {
      const books = (await shop.control('GET', '/state?limit=1000')) as ProviderBooks
      const differences = await compareWithProvider(db, books)
      if (differences.length === 0) break
      assert.ok(Date.now() < deadline, `the books differ: ${differences.join('; ')}`)
      await sleep(LOOK_EVERY_MS)
    }
    assert.deepEqual(await checkInvariants(db), [])
  } finally {
    await db.close()
  }
}
