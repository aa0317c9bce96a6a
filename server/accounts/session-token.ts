/**
 * Session tokens as the auth library signs them: `<token>.<base64 HMAC-SHA-256 of the token>`. The part before the dot
 * is what the sessions table holds, so a leaked table without the secret opens no session.
 */
import { createHmac, timingSafeEqual, type KeyObject } from 'node:crypto'
import type { IncomingHttpHeaders } from 'node:http'

/** The library's tokens are 32 characters, the signature 44; this leaves room for percent signs. */
const MAX_LENGTH = 300

/**
 * The signed token that a request carries. A bearer token, when there is one, counts alone: a program that sends a bad
 * one must not be taken for the person whose cookie happens to come along.
 */
export function carriedToken(headers: IncomingHttpHeaders, cookieName: string): string | undefined {
  const { authorization, cookie } = headers
  if (authorization !== undefined) {
    const match = /^bearer +(\S+)$/i.exec(authorization.trim())
    return match?.[1]
  }
  return cookie === undefined ? undefined : readCookie(cookie, cookieName)
}

/** The token as the sessions table knows it, or undefined when the signature is not ours. */
export function verifyToken(signed: string, secret: KeyObject): string | undefined {
  if (signed.length > MAX_LENGTH) return undefined
  const text = signed.includes('%') ? decode(signed) : signed
  if (text === undefined) return undefined
  const dot = text.lastIndexOf('.')
  if (dot <= 0) return undefined
  const token = text.slice(0, dot)
  const given = Buffer.from(text.slice(dot + 1))
  const expected = Buffer.from(createHmac('sha256', secret).update(token).digest('base64'))
  return given.length === expected.length && timingSafeEqual(given, expected) ? token : undefined
}

function readCookie(header: string, name: string): string | undefined {
  for (const part of header.split(';')) {
    const equals = part.indexOf('=')
    if (equals < 0 || part.slice(0, equals).trim() !== name) continue
    const value = part.slice(equals + 1).trim()
    return value.startsWith('"') && value.endsWith('"') ? value.slice(1, -1) : value
  }
  return undefined
}

function decode(text: string): string | undefined {
  try {
    return decodeURIComponent(text)
  } catch {
    return undefined
  }
}
