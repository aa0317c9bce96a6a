/**
 * Things due at a time, kept in memory and driven by a single timer. Nothing here is durable: whoever plans a thing
 * keeps its row in the books and plans it again at start.
 */
import type { SandboxPorts } from './ports.ts'

interface Entry {
  dueAt: number
  sequence: number
  run: () => void
}

/** One wake-up runs at most this many entries before other work gets its turn. */
const BATCH = 256

export class Agenda {
  #ports: SandboxPorts
  #heap: Entry[] = []
  #sequence = 0
  #offsetMs = 0
  #cancelTimer: (() => void) | undefined
  #timerDueAt = Number.POSITIVE_INFINITY
  #closed = false

  constructor(ports: SandboxPorts) {
    this.#ports = ports
  }

  /** The simulator's time in milliseconds: the real clock plus what was skipped. */
  now(): number {
    return this.#ports.now() + this.#offsetMs
  }

  /** Skips time: everything that falls due by then happens now, in order. */
  advance(ms: number): void {
    this.#offsetMs += ms
    // The timer was set for a clock that did not jump: by real time it would ring too late.
    this.#cancelTimer?.()
    this.#timerDueAt = Number.POSITIVE_INFINITY
    const first = this.#heap[0]
    if (first !== undefined) this.#arm(first.dueAt)
  }

  /** Runs `run` at `dueAt`, never at once: even what is overdue waits for the end of the current turn. */
  plan(dueAt: number, run: () => void): void {
    if (this.#closed) return
    this.#push({ dueAt, sequence: this.#sequence++, run })
    this.#arm(dueAt)
  }

  clear(): void {
    this.#heap = []
    this.#offsetMs = 0
  }

  close(): void {
    this.#closed = true
    this.#heap = []
    this.#cancelTimer?.()
  }

  #arm(dueAt: number): void {
    if (this.#closed || dueAt >= this.#timerDueAt) return
    this.#cancelTimer?.()
    this.#timerDueAt = dueAt
    this.#cancelTimer = this.#ports.after(Math.max(0, dueAt - this.now()), () => this.#wake())
  }

  #wake(): void {
    this.#timerDueAt = Number.POSITIVE_INFINITY
    this.#cancelTimer = undefined
    const now = this.now()
    for (let ran = 0; ran < BATCH; ran++) {
      const first = this.#heap[0]
      if (first === undefined || first.dueAt > now) break
      this.#pop()
      first.run()
    }
    const next = this.#heap[0]
    if (next !== undefined) this.#arm(next.dueAt)
  }

  #push(entry: Entry): void {
    const heap = this.#heap
    let at = heap.push(entry) - 1
    while (at > 0) {
      const parentAt = (at - 1) >> 1
      const parent = heap[parentAt]
      if (parent === undefined || !comesBefore(entry, parent)) break
      heap[at] = parent
      at = parentAt
    }
    heap[at] = entry
  }

  #pop(): void {
    const heap = this.#heap
    const last = heap.pop()
    if (last === undefined || heap.length === 0) return
    let at = 0
    for (let child = 1; child < heap.length; child = 2 * at + 1) {
      const left = heap[child]
      const right = heap[child + 1]
      let smallest = left
      if (left !== undefined && right !== undefined && comesBefore(right, left)) {
        smallest = right
        child += 1
      }
      if (smallest === undefined || !comesBefore(smallest, last)) break
      heap[at] = smallest
      at = child
    }
    heap[at] = last
  }
}

/** Equal times keep the order in which they were planned. */
function comesBefore(a: Entry, b: Entry): boolean {
  return a.dueAt === b.dueAt ? a.sequence < b.sequence : a.dueAt < b.dueAt
}
