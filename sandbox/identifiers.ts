/** Ids in the providers' own shapes, drawn from the randomness port. */
import type { SandboxPorts } from './ports.ts'

const ALPHABET = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789'

/** The largest multiple of 62 that fits a byte: bytes from here on are thrown away, so that every character is as likely. */
const UNBIASED = 248

const POOL_BYTES = 2048

export interface Identifiers {
  /** `length` characters of `[A-Za-z0-9]`. */
  text(length: number): string
  /** `length` decimal digits, the first not zero. */
  digits(length: number): string
}

/** Draws from the port in blocks, since one system call per character would be felt under load. */
export function identifiers(ports: SandboxPorts): Identifiers {
  let pool: Buffer = Buffer.alloc(0)
  let used = 0
  const nextByte = (): number => {
    if (used >= pool.length) {
      pool = ports.randomBytes(POOL_BYTES)
      used = 0
    }
    return pool[used++] ?? 0
  }
  const draw = (size: number, alphabet: string, limit: number): string => {
    let out = ''
    // Every byte is kept with a probability above 0.9: the bound is never reached with real randomness.
    for (let tries = 0; out.length < size && tries < size * 100; tries++) {
      const byte = nextByte()
      if (byte < limit) out += alphabet[byte % alphabet.length]
    }
    return out.padEnd(size, alphabet[0])
  }
  return {
    text: (length) => draw(length, ALPHABET, UNBIASED),
    digits: (length) => draw(1, '123456789', 252) + draw(length - 1, '0123456789', 250),
  }
}
