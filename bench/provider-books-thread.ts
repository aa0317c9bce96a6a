/** A provider's books on a thread of their own, so that answering lists does not count as ours. */
import { parentPort, workerData } from 'node:worker_threads'
import { bookedPayment, type Many } from '../test/many-payments.ts'
import { startProviderBooks } from '../test/provider-books.ts'

export interface Planted {
  many: Many
  /** Payments that we do not have; payments that they do not have; and how long each answer takes. */
  foreign: readonly number[]
  missing: readonly number[]
  latencyMs: number
}

const { many, foreign, missing, latencyMs } = workerData as Planted
const absent = new Set(missing)
const books = await startProviderBooks(latencyMs)
const numbers = Array.from({ length: many.until - many.from }, (_, at) => many.from + at).filter((n) => !absent.has(n))
for (const n of [...numbers, ...foreign]) {
  const payment = bookedPayment(many, n)
  // Foreign ones are numbered above ours and lie among them in time.
  const at =
    n < many.until ? payment : { ...payment, created_at: bookedPayment(many, n - many.until + many.from).created_at }
  books.payments.push(at)
}
books.payments.sort((a, b) => a.created_at - b.created_at)
// oxlint-disable-next-line unicorn/require-post-message-target-origin -- a thread has no origin
parentPort?.postMessage(books.url)
