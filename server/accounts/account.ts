import type { Role } from '../../shared/contract/accounts.ts'

/** Who is asking. A signed-in person, read anew for each request, so that a change of role takes effect at once. */
export interface Principal {
  userId: string
  role: Role
  email: string
  name: string
  /** The shop that a seller works for. */
  shopId: string | null
}

/** Control characters, and the marks that make text run the other way in what staff read. */
// oxlint-disable-next-line no-control-regex
const HIDDEN = /[\u0000-\u001F\u007F-\u009F\u200E\u200F\u202A-\u202E\u2066-\u2069]/g

/** A person's name as it is stored: one Unicode form, no hidden characters, no outer space. May come out empty. */
export function cleanName(name: string): string {
  return name.normalize('NFC').replaceAll(HIDDEN, '').trim()
}

/** E-mail addresses are compared and stored in lower case. */
export function cleanEmail(email: string): string {
  return email.trim().toLowerCase()
}
