import type { Role } from '../../shared/contract/accounts.ts'

/** The header in which routes.ts tells the library the client's address; one from outside is never passed on. */
export const ADDRESS_HEADER = 'x-hundi-address'

/** Who is asking. A signed-in person, read anew for each request, so that a change of role takes effect at once. */
export interface Principal {
  userId: string
  role: Role
  email: string
  name: string
  /** The shop that a seller works for. */
  shopId: string | null
}

/** E-mail addresses are compared and stored in lower case. */
export function cleanEmail(email: string): string {
  return email.trim().toLowerCase()
}

/** For whom an answer is: what staff wrote down for themselves, a shopper is not told. */
export type Audience = 'shopper' | 'staff'

export function audienceOf(principal: Principal | undefined): Audience {
  return principal?.role === 'admin' ? 'staff' : 'shopper'
}
