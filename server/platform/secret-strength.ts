/**
 * Whether a secret could be guessed. No rule can tell that a text is random; these tell what is not: texts that are short,
 * of few characters, repeated, counted up, or copied from an example. Of random texts of 32 hexadecimal digits less than one
 * in a million is refused.
 */

/** Words of which no random text consists, and of which examples do. */
const FROM_AN_EXAMPLE = /change.?me|example|secret|password|qwerty|your[_-]|placeholder|letmein|default/i

const ADVICE = 'make a random one, with: openssl rand -base64 32'

/**
 * Why `secret` could be guessed, as the end of a sentence that begins with the variable's name; undefined when nothing
 * says so. The secret itself is never part of it.
 */
export function weaknessOf(secret: string, leastLength: number): string | undefined {
  if (secret.length < leastLength) return `must have ${leastLength} characters or more: ${ADVICE}`
  if (hasFewCharacters(secret) || isRepeated(secret) || isCounted(secret)) return `can be guessed: ${ADVICE}`
  if (FROM_AN_EXAMPLE.test(secret)) return `looks like one from an example: ${ADVICE}`
  return undefined
}

function hasFewCharacters(secret: string): boolean {
  return new Set(secret).size < Math.min(8, secret.length / 3)
}

/** Whether it is one text over and over, the last time perhaps cut off. */
function isRepeated(secret: string): boolean {
  for (let length = 1; length <= secret.length / 2; length += 1) {
    if (
      secret ===
      secret
        .slice(0, length)
        .repeat(Math.ceil(secret.length / length))
        .slice(0, secret.length)
    )
      return true
  }
  return false
}

/** Whether nearly every character is the one before it, or its neighbour in the alphabet. */
function isCounted(secret: string): boolean {
  const MOST = 0.8
  let near = 0
  for (let at = 1; at < secret.length; at += 1) {
    if (Math.abs(secret.charCodeAt(at) - secret.charCodeAt(at - 1)) <= 1) near += 1
  }
  return near > (secret.length - 1) * MOST
}
