import { useEffect, useRef, useSyncExternalStore } from 'react'

/** Where the choice is kept to do without single-key shortcuts, which get in the way of speech input. */
const OFF_KEY = 'hundi.shortcuts'
const listeners = new Set<() => void>()

function areOn(): boolean {
  try {
    return localStorage.getItem(OFF_KEY) !== 'off'
  } catch {
    // Storage that is forbidden remembers nothing; the shortcuts are on.
    return true
  }
}

/** Whether single-key shortcuts are on, and how to switch them. */
export function useShortcutSwitch(): [on: boolean, set: (on: boolean) => void] {
  const on = useSyncExternalStore((listener) => {
    listeners.add(listener)
    return () => listeners.delete(listener)
  }, areOn)
  return [on, switchShortcuts]
}

function switchShortcuts(on: boolean): void {
  try {
    if (on) localStorage.removeItem(OFF_KEY)
    else localStorage.setItem(OFF_KEY, 'off')
  } catch {
    return
  }
  for (const listener of listeners) listener()
}

/** True where a key is typing, not commanding. */
function isTyping(target: EventTarget | null): boolean {
  if (!(target instanceof HTMLElement)) return false
  return target.isContentEditable || ['INPUT', 'TEXTAREA', 'SELECT'].includes(target.tagName)
}

/**
 * Single-key shortcuts of a page, by the key's own name (`j`, `/`). They are off while typing, while a dialog is open,
 * together with Ctrl, Alt or the command key, and for who switched them off.
 */
export function useShortcuts(shortcuts: Readonly<Record<string, () => void>>): void {
  const latest = useRef(shortcuts)
  useEffect(() => {
    latest.current = shortcuts
  })
  useEffect(() => {
    const onKey = (event: KeyboardEvent) => {
      if (event.ctrlKey || event.metaKey || event.altKey || event.defaultPrevented) return
      if (isTyping(event.target) || document.querySelector('[data-modal], [role="menu"]')) return
      const action = latest.current[event.key.toLowerCase()]
      if (!action || !areOn()) return
      event.preventDefault()
      action()
    }
    document.addEventListener('keydown', onKey)
    return () => document.removeEventListener('keydown', onKey)
  }, [])
}
