/**
 * Figures about the running process, for Prometheus. Counting is cheap, happens after the commit of what is counted, and
 * never fails its caller: no order waits for a figure.
 */
import { collectDefaultMetrics, Counter, Gauge, Histogram, Registry } from 'prom-client'
import { COUNTERS, GAUGES, HISTOGRAMS, type CounterName, type GaugeName, type HistogramName } from './metric-names.ts'

type LabelsOf<D extends { labels: readonly string[] }> = Readonly<Record<D['labels'][number], string>>

export interface Reading<N extends GaugeName> {
  labels: LabelsOf<(typeof GAUGES)[N]>
  value: number
}

export interface Metrics {
  count<N extends CounterName>(name: N, labels: LabelsOf<(typeof COUNTERS)[N]>, by?: number): void
  observe<N extends HistogramName>(name: N, labels: LabelsOf<(typeof HISTOGRAMS)[N]>, value: number): void
  /** Adds to what a gauge shows when it is asked. What cannot be read then is left out. */
  watch<N extends GaugeName>(name: N, read: () => Reading<N>[] | Promise<Reading<N>[]>): void
  /** What a counter has counted since the start, by the value of one of its labels. */
  counted(name: CounterName, label: string): Promise<Map<string, number>>
  /** All of it in Prometheus' text format. */
  expose(): Promise<string>
  readonly contentType: string
  /** Adds memory, processor, event loop and garbage of this process. For one that lasts: measuring them goes on. */
  watchProcess(): void
}

/** Label values come from the world outside (codes of errors, methods); each set of them has an end. */
const MOST_VALUES = 150
const OTHER = 'other'
const PLAIN = /^[\w:/.@+*-]{1,100}$/

export function createMetrics(): Metrics {
  const registry = new Registry()
  const counters = new Map<string, Counter>()
  const histograms = new Map<string, Histogram>()
  const readers = new Map<string, (() => Reading<GaugeName>[] | Promise<Reading<GaugeName>[]>)[]>()
  const known = new Map(
    Object.entries({ ...COUNTERS, ...HISTOGRAMS }).map(([name, { labels }]) => [
      name,
      new Map<string, Set<string>>(labels.map((label) => [label, new Set<string>()])),
    ]),
  )

  for (const [name, { help, labels }] of Object.entries(COUNTERS)) {
    counters.set(name, new Counter({ name, help, labelNames: [...labels], registers: [registry] }))
  }
  for (const [name, { help, labels, buckets }] of Object.entries(HISTOGRAMS)) {
    histograms.set(
      name,
      new Histogram({ name, help, labelNames: [...labels], buckets: [...buckets], registers: [registry] }),
    )
  }
  for (const [name, { help, labels }] of Object.entries(GAUGES)) {
    const read: (() => Reading<GaugeName>[] | Promise<Reading<GaugeName>[]>)[] = []
    readers.set(name, read)
    const gauge: Gauge = new Gauge({
      name,
      help,
      labelNames: [...labels],
      registers: [registry],
      async collect() {
        const readings = await Promise.all(read.map(async (each) => each()).map((each) => each.catch(() => [])))
        gauge.reset()
        if (readings.flat().length === 0 && labels.length === 0) gauge.remove()
        for (const { labels: values, value } of readings.flat()) gauge.set({ ...values }, value)
      },
    })
  }

  /** Bounds the values of labels: each set ends, and what looks like no name is not kept. */
  function bounded(name: string, labels: Readonly<Record<string, string>>): Readonly<Record<string, string>> {
    let kept = labels
    for (const label in labels) {
      const value = labels[label] ?? ''
      const values = known.get(name)?.get(label)
      if (values?.has(value) === true) continue
      if (values !== undefined && values.size < MOST_VALUES && PLAIN.test(value)) values.add(value)
      else kept = { ...kept, [label]: OTHER }
    }
    return kept
  }

  return {
    contentType: registry.contentType,
    count(name, labels, by = 1) {
      quietly(() => counters.get(name)?.inc(bounded(name, labels), by))
    },
    observe(name, labels, value) {
      quietly(() => histograms.get(name)?.observe(bounded(name, labels), value))
    },
    watch(name, read) {
      readers.get(name)?.push(read)
    },
    async counted(name, label) {
      const sums = new Map<string, number>()
      for (const { labels, value } of (await counters.get(name)?.get())?.values ?? []) {
        const key = String((labels as Record<string, string | number | undefined>)[label])
        sums.set(key, (sums.get(key) ?? 0) + value)
      }
      return sums
    },
    watchProcess: () => collectDefaultMetrics({ register: registry }),
    expose: () => registry.metrics(),
  }
}

/** A figure that cannot be kept is not worth an error. */
function quietly(work: () => void): void {
  try {
    work()
  } catch {
    // A value that is no number, most likely: the metric stays as it was.
  }
}
