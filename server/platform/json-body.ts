/**
 * JSON bodies, read strictly. JSON.parse takes the last of two equal keys and says nothing, while a proxy or a log in front
 * of us may have taken the first (RFC 8259, section 4, leaves it open): who sends both may mean to be read in two ways. So
 * such a body is refused, as is one that reaches for prototypes.
 *
 * Webhooks do not come this way. What is signed is the provider's word to the byte, and refusing it would only lose it.
 */
import { invalidField } from './errors.ts'
import type { App } from './http.ts'

export function readJsonBodies(app: App): void {
  // Text is what a form of another site can send without asking; JSON is not.
  app.removeContentTypeParser('text/plain')
  const parse = app.getDefaultJsonParser('error', 'error')
  app.removeContentTypeParser('application/json')
  app.addContentTypeParser('application/json', { parseAs: 'string' }, (request, text, done) => {
    // Many clients always name a content type, also when they send nothing.
    if (text === '') return done(null, undefined)
    void parse(request, String(text), (error, value) => {
      const doubled = error === null ? doubledKey(String(text)) : undefined
      if (doubled === undefined) done(error, value)
      else done(invalidField(doubled.slice(0, MAX_KEY_SHOWN), 'is there twice'), undefined)
    })
  })
}

/** Enough to recognise one's own field by; a key can be as long as a body. */
const MAX_KEY_SHOWN = 100

/** What a text of valid JSON consists of, but for numbers, words and blanks, which say nothing about keys. */
const TOKEN = /"[^"\\]*(?:\\.[^"\\]*)*"|[{}[\]:]/g

/**
 * The first key that is twice in one object, or undefined. Keys are compared as they are read, whatever escapes they
 * were written with. An order's body takes some four microseconds.
 *
 * @param text valid JSON
 */
export function doubledKey(text: string): string | undefined {
  const outer: (Set<string> | undefined)[] = []
  let keys: Set<string> | undefined
  let lastString = ''
  for (const [token] of text.matchAll(TOKEN)) {
    if (token === '{' || token === '[') {
      outer.push(keys)
      keys = token === '{' ? new Set() : undefined
    } else if (token === '}' || token === ']') {
      keys = outer.pop()
    } else if (token === ':') {
      const key = JSON.parse(lastString) as string
      if (keys?.has(key) === true) return key
      keys?.add(key)
    } else {
      lastString = token
    }
  }
  return undefined
}
