import { useRef } from 'react'
import { newKey } from '../../../../client/new-key.ts'

/**
 * The idempotency key of a form: the same as long as the same is sent, so that a second click and a repeat after a
 * broken connection are answered with what the first one did; a new one as soon as something else is asked for.
 */
export function useKeyFor(): (body: unknown) => string {
  const last = useRef<{ text: string; key: string } | null>(null)
  return (body) => {
    const text = JSON.stringify(body)
    if (last.current?.text !== text) last.current = { text, key: newKey() }
    return last.current.key
  }
}
