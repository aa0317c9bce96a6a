import { ChevronDown, TriangleAlert } from 'lucide-react'
import { type ComponentProps, type ReactNode, useId } from 'react'
import { cn } from './class-names.ts'

type Around = {
  label: ReactNode
  /** One line under the control, always there. */
  help?: ReactNode
  /** What is wrong and how to put it right, in words; it takes the place of `help`. */
  error?: string | null
  /** Class of the whole field; `className` goes to the control. */
  wrapperClassName?: string
}

const CONTROL =
  'w-full rounded-2 border border-edge bg-surface px-[.8rem] text-[1rem] leading-normal text-ink outline-hidden focus-visible:border-focus focus-visible:shadow-[0_0_0_3px_color-mix(in_srgb,var(--focus)_24%,transparent)] aria-invalid:border-failed-mark aria-invalid:shadow-[inset_0_0_0_1px_var(--failed-mark)] disabled:bg-sunken disabled:text-ink-3'

/** A labelled input. `error` turns it invalid for eyes and for screen readers alike. */
export function Field({
  label,
  help,
  error,
  wrapperClassName,
  className,
  id,
  ...rest
}: Around & ComponentProps<'input'>) {
  const ids = useFieldIds(id)
  return (
    <Wrapper ids={ids} label={label} help={help} error={error} className={wrapperClassName}>
      <input {...ids.control(error, help)} className={cn(CONTROL, 'h-[46px]', className)} {...rest} />
    </Wrapper>
  )
}

/** A labelled native select: the platform's own list, which every phone and screen reader knows. */
export function Select({
  label,
  help,
  error,
  wrapperClassName,
  className,
  id,
  ...rest
}: Around & ComponentProps<'select'>) {
  const ids = useFieldIds(id)
  return (
    <Wrapper ids={ids} label={label} help={help} error={error} className={wrapperClassName}>
      <span className="relative block">
        <select
          {...ids.control(error, help)}
          className={cn(CONTROL, 'h-[46px] appearance-none pr-10', className)}
          {...rest}
        />
        <ChevronDown
          size={18}
          strokeWidth={1.7}
          aria-hidden="true"
          className="pointer-events-none absolute top-1/2 right-3 -translate-y-1/2 text-ink-3"
        />
      </span>
    </Wrapper>
  )
}

/** A labelled text area. */
export function Textarea({
  label,
  help,
  error,
  wrapperClassName,
  className,
  id,
  ...rest
}: Around & ComponentProps<'textarea'>) {
  const ids = useFieldIds(id)
  return (
    <Wrapper ids={ids} label={label} help={help} error={error} className={wrapperClassName}>
      <textarea {...ids.control(error, help)} className={cn(CONTROL, 'min-h-[84px] py-[.6rem]', className)} {...rest} />
    </Wrapper>
  )
}

type FieldIds = ReturnType<typeof useFieldIds>

function useFieldIds(given: string | undefined) {
  const made = useId()
  const id = given ?? made
  return {
    id,
    note: `${id}-note`,
    control: (error: string | null | undefined, help: ReactNode) => ({
      id,
      'aria-invalid': error ? true : undefined,
      'aria-describedby': error || help ? `${id}-note` : undefined,
    }),
  }
}

function Wrapper({
  ids,
  label,
  help,
  error,
  className,
  children,
}: {
  ids: FieldIds
  label: ReactNode
  help: ReactNode
  error: string | null | undefined
  className: string | undefined
  children: ReactNode
}) {
  return (
    <div className={className}>
      <label htmlFor={ids.id} className="mb-[.3rem] block text-small font-medium text-ink-2">
        {label}
      </label>
      {children}
      {error ? (
        <p id={ids.note} className="mt-[.4rem] flex items-start gap-[.4rem] text-small font-medium text-failed">
          <TriangleAlert size={16} strokeWidth={1.7} aria-hidden="true" className="mt-px flex-none" />
          {error}
        </p>
      ) : (
        help && (
          <p id={ids.note} className="mt-[.4rem] text-small text-ink-3">
            {help}
          </p>
        )
      )}
    </div>
  )
}
