import type { ReactNode } from 'react'
import { cn } from '../../../../ui/class-names.ts'
import { Glyph, LOOK_TEXT } from '../../../../ui/glyph.tsx'
import type { Look } from '../../../../ui/status-words.ts'

export type Step = { key: string; look: Look; title: ReactNode; detail?: ReactNode; line: 'fact' | 'running' | 'none' }

/** The way of a payment, from the shopper's yes to the order: solid where it is known, running where it is asked for. */
export function Steps({ steps }: { steps: readonly Step[] }) {
  return (
    <ol className="mt-9">
      {steps.map((step, index) => (
        <li key={step.key} className="relative grid grid-cols-[44px_1fr] pb-7 last:pb-2">
          {index < steps.length - 1 && (
            <span
              aria-hidden="true"
              className={cn(
                'absolute top-7 bottom-1 left-[11px] w-[3px] rounded-full',
                step.line === 'fact' ? 'bg-ink-2' : 'run-y',
                step.line === 'running' && 'text-processing-mark',
                step.line === 'none' && 'text-edge',
              )}
            />
          )}
          <Glyph look={step.look} className={cn('size-6', step.line === 'fact' && 'text-ink-2')} />
          <div>
            <p className={cn('text-[1.0625rem] font-strong', step.line === 'running' && LOOK_TEXT[step.look])}>
              {step.title}
            </p>
            {step.detail && <p className="text-small text-ink-2">{step.detail}</p>}
          </div>
        </li>
      ))}
    </ol>
  )
}
