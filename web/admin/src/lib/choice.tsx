import type { ComponentProps, ReactNode } from 'react'

/** A few ways, one of which holds. */
export function ChoiceGroup({ legend, children }: { legend: string; children: ReactNode }) {
  return (
    <fieldset>
      <legend className="mb-[.3rem] text-small font-medium text-ink-2">{legend}</legend>
      <div className="grid gap-1">{children}</div>
    </fieldset>
  )
}

export function Choice({ children, ...rest }: ComponentProps<'input'> & { children: ReactNode }) {
  return (
    <label className="flex min-h-8 cursor-pointer items-center gap-3 rounded-1">
      <input type="radio" className="size-[18px] flex-none accent-accent" {...rest} />
      <span>{children}</span>
    </label>
  )
}
