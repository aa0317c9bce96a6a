/** The readable parts of pages' addresses. */
import { violatedConstraint } from './database.ts'
import { invalidField } from './errors.ts'
import type { Ports } from './ports.ts'

/** Leaves room for a suffix in what an address line shows. */
const MAX_SLUG = 60

/**
 * The readable part of a page's address for a name: small Latin letters, digits and hyphens. Empty when the name has no
 * letter that can be written so.
 */
export function slugOf(name: string): string {
  const plain = name
    .normalize('NFKD')
    .replaceAll(/\p{M}/gu, '')
    .toLowerCase()
    .replaceAll(/[^a-z0-9]+/g, '-')
  return plain.slice(0, MAX_SLUG).replaceAll(/^-+|-+$/g, '')
}

/** With five random letters behind it, a name is taken again once in thirty million tries. */
const MAX_TRIES = 4

/**
 * Runs `insert` under a slug that is free: the one that was asked for, or one made of the name, with a few random
 * letters behind it when that is taken. `insert` is a whole transaction, because a taken slug ends it.
 *
 * @param asked what the client wants; taken, it is refused
 * @param constraint the unique constraint that a taken slug violates
 * @throws AppError validation_failed when `asked` is taken
 */
export async function underFreeSlug<T>(
  ports: Ports,
  { asked, name, constraint }: { asked: string | undefined; name: string; constraint: string },
  insert: (slug: string) => Promise<T>,
): Promise<T> {
  const plain = asked ?? slugOf(name)
  let slug = plain === '' ? suffix(ports) : plain
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await insert(slug)
    } catch (error) {
      if (violatedConstraint(error) !== constraint) throw error
      if (asked !== undefined) throw slugTaken()
      if (attempt >= MAX_TRIES) throw error
      slug = [plain, suffix(ports)].filter((part) => part !== '').join('-')
    }
  }
}

export function slugTaken() {
  return invalidField('slug', 'is taken')
}

function suffix(ports: Ports): string {
  return ports.ids.readable(5).toLowerCase()
}
