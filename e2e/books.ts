/** After journeys: the books of the shop and of the provider, compared rupee by rupee. */
import assert from 'node:assert/strict'
import { openDatabase } from '../server/platform/database.ts'
import { systemPorts } from '../server/platform/ports.ts'
import { checkInvariants, compareWithProvider, type ProviderBooks } from '../test/invariants.ts'
import type { RunningShop } from './running-shop.ts'
import { PATIENCE_MS, until } from '../test/until.ts'

/** Every rule about money and stock holds, and both books tell the same, once what is under way has arrived. */
export async function assertBooksAgree(shop: RunningShop): Promise<void> {
  const db = openDatabase({ url: shop.databaseUrl, max: 2, acquireTimeoutMs: PATIENCE_MS }, systemPorts())
  try {
    assert.deepEqual(await checkInvariants(db), [])
    let differences: string[] = []
    const agree = until('the last webhooks and looks', async () => {
      differences = await compareWithProvider(db, (await shop.control('GET', '/state?limit=1000')) as ProviderBooks)
      return differences.length === 0
    })
    await agree.catch(() => assert.fail(`the books differ: ${differences.join('; ')}`))
    assert.deepEqual(await checkInvariants(db), [])
  } finally {
    await db.close()
  }
}
