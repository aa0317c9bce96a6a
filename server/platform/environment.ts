/**
 * Reads single variables of an environment. A wrong one gives its default and adds a problem to the list, so that all
 * wrong ones can be named at once. A problem never shows the value of anything that can hold a secret.
 */

import { isTimeZone } from '../../shared/day.ts'

/** The name of a variable and what is wrong with it, as the end of a sentence that begins with the name. */
export type Problem = { variable: string; problem: string }

type Environment = Readonly<Record<string, string | undefined>>

export class EnvironmentReader {
  readonly problems: Problem[] = []
  readonly #env: Environment

  constructor(env: Environment) {
    this.#env = env
  }

  refuse(variable: string, problem: string): void {
    this.problems.push({ variable, problem })
  }

  /** The variable's text without surrounding blanks; a variable that is set to nothing is not set. */
  find(name: string): string | undefined {
    const value = this.#env[name]?.trim()
    return value === '' ? undefined : value
  }

  integer(name: string, fallback: number, [min, max]: readonly [number, number]): number {
    const value = this.find(name)
    if (value === undefined) return fallback
    const number = /^\d{1,15}$/.test(value) ? Number(value) : Number.NaN
    if (number >= min && number <= max) return number
    this.refuse(name, `must be a whole number from ${min} to ${max}, not ${shown(value)}`)
    return fallback
  }

  oneOf<T extends string>(name: string, choices: readonly T[], fallback: T): T {
    const value = this.find(name)
    if (value === undefined) return fallback
    const choice = choices.find((known) => known === value)
    if (choice === undefined) this.refuse(name, `must be one of ${choices.join(', ')}, not ${shown(value)}`)
    return choice ?? fallback
  }

  timeZone(name: string, fallback: string): string {
    const value = this.find(name)
    if (value === undefined || isTimeZone(value)) return value ?? fallback
    this.refuse(name, `must be a time zone of the IANA list, such as ${fallback}, not ${shown(value)}`)
    return fallback
  }

  flag(name: string, fallback: boolean): boolean {
    const value = this.find(name)?.toLowerCase()
    if (value === undefined) return fallback
    if (['1', 'true', 'on', 'yes'].includes(value)) return true
    if (!['0', 'false', 'off', 'no'].includes(value)) this.refuse(name, `must be 1 or 0, not ${shown(value)}`)
    return false
  }

  /**
   * An address with one of `protocols`, as it was given. It is never shown, because an address can hold a password.
   */
  address(name: string, protocols: readonly string[]): string | undefined {
    const value = this.find(name)
    if (value === undefined) return undefined
    if (!protocols.some((protocol) => value.toLowerCase().startsWith(`${protocol}//`))) {
      this.refuse(name, `must be an address that begins with ${protocols.map((one) => `${one}//`).join(' or ')}`)
      return undefined
    }
    if (isReadable(value)) return value
    this.refuse(name, 'cannot be read: in a password write % # / ? : and @ as %25 %23 %2F %3F %3A and %40')
    return undefined
  }

  /** A web address without a slash at its end, to which paths are appended. */
  webAddress(name: string, fallback: string): string {
    const url = URL.parse(this.address(name, ['http:', 'https:']) ?? '')
    if (!url) return fallback
    if (url.username || url.password || url.search || url.hash) {
      this.refuse(name, 'must be an address without log-in, ? and #')
      return fallback
    }
    return `${url.origin}${url.pathname}`.replace(/\/+$/, '')
  }

  /** Scheme, host and port of a website. */
  origin(name: string, value: string): string | undefined {
    const url = URL.parse(value)
    if (url && /^https?:$/.test(url.protocol) && url.href === `${url.origin}/`) return url.origin
    this.refuse(name, `must be an origin such as https://shop.example, without a path, not ${shown(value)}`)
    return undefined
  }

  /** One or more secrets, `new,old` while rotating. An empty one among them would be a key that anybody can sign with. */
  secrets(name: string): readonly string[] {
    const parts = (this.find(name) ?? '').split(',').map((part) => part.trim())
    if (parts.length === 1 && parts[0] === '') return []
    if (!parts.includes('')) return parts
    this.refuse(name, 'holds an empty secret: write it as new,old or as one secret')
    return parts.filter((part) => part !== '')
  }
}

/** Whether an address leads to the machine that it is used on. */
export function isLoopback(url: string): boolean {
  const hostname = URL.parse(url)?.hostname ?? ''
  return /^(localhost|.+\.localhost|127(\.\d+){3}|\[::1\])$/.test(hostname)
}

/** What is in the way most often is a sign in the password that means something in an address. */
function isReadable(address: string): boolean {
  const url = URL.parse(address)
  // The drivers decode them, and fail on a lone %.
  const isEscaped = (text: string) => !/%(?![0-9a-f]{2})/i.test(text)
  return url !== null && isEscaped(url.username) && isEscaped(url.password)
}

function shown(value: string): string {
  return JSON.stringify(value.length > 40 ? `${value.slice(0, 40)}…` : value)
}
