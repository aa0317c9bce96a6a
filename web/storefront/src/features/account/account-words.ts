/** What is said about the fields of the account form and about what the server refused. Pure. */

export type AccountField = 'name' | 'email' | 'password'

/** The server takes no shorter one. */
const LEAST_PASSWORD = 8

/** What is wrong with a field; null when it can be sent. Old passwords may be shorter than new ones. */
export function accountProblem(field: AccountField, value: string, isNew: boolean): string | null {
  switch (field) {
    case 'name':
      return value.trim() === '' ? 'What should we call you?' : null
    case 'email':
      return /^[^\s@]+@[^\s@]+\.[^\s@]{2,}$/.test(value.trim())
        ? null
        : 'That is not a whole address yet, like ananya@example.com.'
    case 'password':
      if (value === '') return 'Your password, please.'
      return isNew && value.trim().length < LEAST_PASSWORD
        ? `Eight letters or more, please. This has ${value.trim().length}.`
        : null
  }
}

/** What the server's refusal means to the person at the form. */
export function accountRefusal(
  error: { code: string; status: number; message: string } | null,
  isNew: boolean,
): string {
  if (error === null || error.status === 0 || error.status >= 500) return 'The shop did not answer. Please try again.'
  if (error.code === 'rate_limited' || error.status === 429) return 'Too many tries. Wait a minute, then try again.'
  // The account was asked for, and then its password was not that of the account which is there.
  if (isNew && error.status === 401) {
    return 'You could not be signed in with this. If you have an account with this e-mail already, use its password.'
  }
  const password = /^password: (.+)$/.exec(error.message)?.[1]
  if (isNew && password !== undefined) return `Your password ${password}.`
  if (!isNew && (error.status === 401 || error.status === 400)) {
    return 'This e-mail and this password do not belong together.'
  }
  return 'The shop did not take this. Look at the fields again.'
}
