/**
 * Keeps a list still while it is read. Rows that are shown stay where they are and take over what is new about them;
 * rows that arrived since wait until they are asked for.
 */

export type LiveRows<Row> = {
  /** What to show now, in the order in which it was shown. */
  rows: Row[]
  /** Rows of the fresh answer that are newer than everything shown. */
  waiting: number
}

/** @param shown the answer that the reader is looking at, @param fresh the latest answer to the same question */
export function liveRows<Row extends { id: string; createdAt: string }>(
  shown: readonly Row[],
  fresh: readonly Row[],
): LiveRows<Row> {
  const latest = new Map(fresh.map((row) => [row.id, row]))
  const known = new Set(shown.map((row) => row.id))
  const newest = shown.reduce((time, row) => Math.max(time, Date.parse(row.createdAt)), Number.NEGATIVE_INFINITY)
  return {
    rows: shown.map((row) => latest.get(row.id) ?? row),
    waiting: fresh.filter((row) => !known.has(row.id) && Date.parse(row.createdAt) >= newest).length,
  }
}
