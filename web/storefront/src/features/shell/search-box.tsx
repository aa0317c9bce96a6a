import { useNavigate, useSearch } from '@tanstack/react-router'
import { Search } from 'lucide-react'
import { useEffect, useRef, type FormEvent } from 'react'
import { cn } from '../../../../ui/class-names.ts'

/** Searches the whole shop. It keeps what was searched for while its results are shown. */
export function SearchBox({ className }: { className?: string }) {
  const navigate = useNavigate()
  const searched = useSearch({ strict: false, select: (search: { q?: string }) => search.q ?? '' })
  const field = useRef<HTMLInputElement>(null)
  useEffect(() => {
    if (field.current !== null) field.current.value = searched
  }, [searched])
  const submit = (event: FormEvent) => {
    event.preventDefault()
    const q = field.current?.value.trim() ?? ''
    void navigate({ to: '/products', search: q === '' ? {} : { q } })
  }
  return (
    <search className={className}>
      <form
        onSubmit={submit}
        className={cn(
          'flex h-11 w-full items-center gap-[.6rem] rounded-full bg-sunken px-[1.1rem] text-ink-3',
          'focus-within:outline-2 focus-within:outline-offset-2 focus-within:outline-focus',
        )}
      >
        <Search size={18} strokeWidth={1.7} aria-hidden="true" className="flex-none" />
        <input
          ref={field}
          type="search"
          name="q"
          maxLength={100}
          aria-label="Search the shop"
          placeholder="Pepper, honey, ajrakh…"
          autoComplete="off"
          enterKeyHint="search"
          className="h-full min-w-0 flex-1 bg-transparent text-[1rem] text-ink outline-none placeholder:text-ink-3"
        />
      </form>
    </search>
  )
}
