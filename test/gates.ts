/** Named points at which a test lets one passer-by wait while it makes something else happen meanwhile. */
import type { Points } from '../server/platform/ports.ts'

export interface Held {
  /** Resolves when somebody has reached the point, and waits there. */
  arrived: Promise<void>
  release(): void
}

export interface Gates {
  points: Points
  /** Holds the next one that reaches this point; those after it pass. */
  holdNext(point: string): Held
}

export function openGates(): Gates {
  const gates = new Map<string, { arrived: () => void; released: Promise<void> }>()
  return {
    points: {
      async reach(point) {
        const gate = gates.get(point)
        if (gate === undefined) return
        gates.delete(point)
        gate.arrived()
        await gate.released
      },
    },
    holdNext(point) {
      const arrived = Promise.withResolvers<void>()
      const released = Promise.withResolvers<void>()
      gates.set(point, { arrived: arrived.resolve, released: released.promise })
      return { arrived: arrived.promise, release: () => released.resolve() }
    },
  }
}
