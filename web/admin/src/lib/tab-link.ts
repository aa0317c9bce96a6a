import { cn } from '../../../ui/class-names.ts'

/** The row that tabs stand in; it scrolls to the side on a phone. */
export const TAB_ROW = '-mx-4 flex gap-6 overflow-x-auto px-4 shadow-[inset_0_-1px_var(--rule)] lg:mx-0 lg:px-0'

/**
 * A link that is where one is only when all of its address is. The router tells screen readers of each link that it holds
 * for the current one, and without this it holds every link to a page for that, whatever the filters.
 */
export const HERE = { exact: true, includeSearch: true } as const

/** The looks of a link that chooses a view of a page. */
export function tabClass(isOn: boolean): string {
  return cn(
    'flex items-center gap-[.45rem] rounded-1 pt-2 pb-[.6rem] font-medium whitespace-nowrap',
    isOn ? 'text-ink shadow-[inset_0_-2px_var(--ink)]' : 'text-ink-2 hover:text-ink',
  )
}
