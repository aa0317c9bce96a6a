import { chmodSync, mkdirSync } from 'node:fs'
import { resolve } from 'node:path'

/**
 * Makes the data directory when it does not exist, and gives its absolute path. An existing one keeps its permissions.
 *
 * Only its owner may list it. As root, others may pass through it: PostgreSQL runs as another user there and has to
 * reach its own folder inside. Every secret file in it is readable by its owner alone, whatever the directory allows.
 */
export function makeDataDir(path: string): string {
  const absolute = resolve(path)
  const isRoot = process.getuid?.() === 0
  const made = mkdirSync(absolute, { recursive: true })
  // Set explicitly, because a umask would take the permission to pass through away again.
  if (made !== undefined) chmodSync(absolute, isRoot ? 0o711 : 0o700)
  return absolute
}
