import { useNavigate, useRouterState, useSearch } from '@tanstack/react-router'
import { Search } from 'lucide-react'
import { type FormEvent, useEffect, useRef, useState } from 'react'
import { cn } from '../../../../ui/class-names.ts'
import { useShortcuts } from '../../lib/shortcuts.ts'

/** How long to wait after the last key before a list that is already open follows. */
const SETTLE_MS = 300

/** Finds orders by whatever somebody knows of them. `/` goes there from anywhere. */
export function Find({
  className,
  autoFocus,
  onDone,
}: {
  className?: string
  autoFocus?: boolean
  onDone?: () => void
}) {
  const navigate = useNavigate()
  const shown = useSearch({ strict: false, select: (search) => (search as { search?: string }).search ?? '' })
  const isOnList = useRouterState({ select: (state) => state.location.pathname === '/orders' })
  const [text, setText] = useState(shown)
  const [isTyping, setIsTyping] = useState(false)
  const input = useRef<HTMLInputElement>(null)
  useShortcuts({ '/': () => input.current?.focus() })

  // The address wins whenever nobody is typing here: a link or the back button may have changed it.
  const value = isTyping ? text : shown

  useEffect(() => {
    if (!isTyping || text === shown) return
    const timer = setTimeout(() => go(text), SETTLE_MS)
    return () => clearTimeout(timer)
  })

  function go(search: string) {
    const wanted = search.trim() === '' ? undefined : search.trim()
    // In the list a search joins the filters that are set there; from any other page it begins afresh.
    if (isOnList) {
      void navigate({
        from: '/orders',
        to: '/orders',
        search: (before) => ({ ...before, search: wanted, page: undefined, cursor: undefined }),
        replace: shown !== '',
      })
    } else void navigate({ to: '/orders', search: { search: wanted } })
  }

  const submit = (event: FormEvent) => {
    event.preventDefault()
    if (value.trim() !== shown) go(value)
    setIsTyping(false)
    input.current?.blur()
    onDone?.()
  }

  return (
    <form role="search" onSubmit={submit} className={cn('relative', className)}>
      <Search
        size={18}
        strokeWidth={1.7}
        aria-hidden="true"
        className="pointer-events-none absolute top-1/2 left-[.7rem] -translate-y-1/2 text-ink-3"
      />
      <input
        ref={input}
        type="search"
        aria-label="Find an order by number, name, phone, e-mail, UPI address, city, product or payment id"
        aria-keyshortcuts="/"
        placeholder="Number, name, phone, e-mail, UPI, id"
        autoComplete="off"
        autoFocus={autoFocus}
        value={value}
        maxLength={100}
        onChange={(event) => {
          setText(event.target.value)
          setIsTyping(true)
        }}
        onKeyDown={(event) => {
          if (event.key !== 'Escape') return
          // The browser would empty a search field on Escape, and with it the list behind it.
          event.preventDefault()
          setIsTyping(false)
          input.current?.blur()
          onDone?.()
        }}
        onBlur={() => {
          if (isTyping && text.trim() !== shown) go(text)
          setIsTyping(false)
          if (value.trim() === '' || value === shown) onDone?.()
        }}
        className="peer h-[34px] w-full rounded-2 bg-sunken pr-9 pl-10 text-[1rem] text-ink outline-hidden placeholder:text-ink-3 focus:shadow-[0_0_0_2px_var(--focus)] lg:text-small [&::-webkit-search-cancel-button]:hidden"
      />
      <span
        aria-hidden="true"
        className="kbd absolute top-1/2 right-2 -translate-y-1/2 peer-focus:hidden max-lg:hidden"
      >
        /
      </span>
    </form>
  )
}
