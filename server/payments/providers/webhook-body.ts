/** What a provider sent, as JSON. Pure. */

/**
 * Reads the bytes of a webhook event. Some senders put a byte order mark in front, which is no part of the JSON.
 *
 * @throws SyntaxError for what is not JSON
 */
export function parseBody(rawBody: Buffer): unknown {
  return JSON.parse(rawBody.toString('utf8').replace(/^\uFEFF/, ''))
}
