import type { ReactNode } from 'react'
import { cn } from '../../../ui/class-names.ts'

/** The looks of a filter: dashed while it is open, filled once it narrows the list. */
export function chipClass(isOn: boolean): string {
  return cn(
    'inline-flex h-8 max-w-full items-center rounded-1 px-1 text-small font-medium has-focus-visible:outline-2 has-focus-visible:outline-offset-2 has-focus-visible:outline-focus',
    isOn ? 'bg-accent-soft text-accent-text' : 'border border-dashed border-edge text-ink-2 hover:bg-hover',
  )
}

/**
 * A quiet select that narrows a list.
 *
 * @param any words for no narrowing
 */
export function ChipSelect({
  label,
  any,
  value,
  options,
  onChange,
  children,
}: {
  label: string
  any: string
  value: string | undefined
  options: readonly (readonly [value: string, words: string])[]
  onChange: (value: string | undefined) => void
  children?: ReactNode
}) {
  return (
    <label className={chipClass(value !== undefined)}>
      <span className="sr-only">{label}</span>
      <select
        value={value ?? ''}
        onChange={(event) => onChange(event.target.value === '' ? undefined : event.target.value)}
        className="h-full max-w-full cursor-pointer rounded-1 bg-transparent px-2 outline-hidden"
      >
        <option value="">{any}</option>
        {options.map(([option, words]) => (
          <option key={option} value={option}>
            {words}
          </option>
        ))}
        {children}
      </select>
    </label>
  )
}

/** A day to choose. */
export function DayInput({
  label,
  value,
  min,
  max,
  onChange,
}: {
  label: string
  value: string | undefined
  min?: string | undefined
  max?: string | undefined
  onChange: (day: string | undefined) => void
}) {
  return (
    <input
      type="date"
      aria-label={label}
      value={value ?? ''}
      min={min}
      max={max}
      onChange={(event) => onChange(event.target.value === '' ? undefined : event.target.value)}
      className="h-8 rounded-1 border border-edge bg-surface px-2 text-small text-ink"
    />
  )
}
