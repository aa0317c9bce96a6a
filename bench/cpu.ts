/** Processor time of a process and all its descendants, where the system tells (Linux). */
import { readdirSync, readFileSync } from 'node:fs'

/** The kernel's unit of time in /proc: a hundredth of a second everywhere that Node runs. */
const TICK_MS = 10

interface Entry {
  parent: number
  ticks: number
}

/** @returns milliseconds of user and system time; undefined where /proc does not exist */
export function cpuMs(roots: readonly number[]): number | undefined {
  let pids: number[]
  try {
    pids = readdirSync('/proc')
      .map(Number)
      .filter((pid) => pid > 0)
  } catch {
    return undefined
  }
  const entries = new Map<number, Entry>()
  for (const pid of pids) {
    const entry = read(pid)
    if (entry !== undefined) entries.set(pid, entry)
  }
  let ticks = 0
  for (const [pid, entry] of entries) if (descends(pid, roots, entries)) ticks += entry.ticks
  return ticks * TICK_MS
}

function read(pid: number): Entry | undefined {
  try {
    const text = readFileSync(`/proc/${pid}/stat`, 'utf8')
    // The name may hold spaces and brackets; what is counted comes after the last bracket.
    const fields = text.slice(text.lastIndexOf(')') + 2).split(' ')
    // Reaped children count too: connections that have ended since.
    return { parent: Number(fields[1]), ticks: [11, 12, 13, 14].reduce((sum, at) => sum + Number(fields[at]), 0) }
  } catch {
    return undefined
  }
}

function descends(pid: number, roots: readonly number[], entries: ReadonlyMap<number, Entry>): boolean {
  for (
    let current: number | undefined = pid;
    current !== undefined && current > 1;
    current = entries.get(current)?.parent
  ) {
    if (roots.includes(current)) return true
  }
  return false
}
