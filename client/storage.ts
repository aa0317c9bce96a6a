/** A place for short texts that outlives the page: a browser's storage, or memory where there is none. */
export type TextStorage = {
  get(key: string): string | null
  set(key: string, value: string): void
  remove(key: string): void
}

/** Storage that lasts as long as the program; what tests and servers use. */
export function memoryStorage(): TextStorage {
  const entries = new Map<string, string>()
  return {
    get: (key) => entries.get(key) ?? null,
    set: (key, value) => void entries.set(key, value),
    remove: (key) => void entries.delete(key),
  }
}

/**
 * A browser's storage. A browser that forbids storage (private windows, full disks) throws on access; then memory
 * takes over, so that a shopper can still pay, only without surviving a reload.
 */
export function browserStorage(open: () => Storage): TextStorage {
  const fallback = memoryStorage()
  const attempt = <T>(work: (storage: Storage) => T, otherwise: () => T): T => {
    try {
      return work(open())
    } catch {
      return otherwise()
    }
  }
  return {
    get: (key) =>
      attempt(
        (storage) => storage.getItem(key) ?? fallback.get(key),
        () => fallback.get(key),
      ),
    set: (key, value) =>
      attempt(
        (storage) => storage.setItem(key, value),
        () => fallback.set(key, value),
      ),
    remove: (key) => {
      fallback.remove(key)
      attempt(
        (storage) => storage.removeItem(key),
        () => undefined,
      )
    },
  }
}

/** Reads a stored JSON value; undefined when there is none or it cannot be read. */
export function readJson(storage: TextStorage, key: string): unknown {
  const stored = storage.get(key)
  if (stored === null) return undefined
  try {
    return JSON.parse(stored) as unknown
  } catch {
    return undefined
  }
}
