import { Fragment } from 'react'
import { cn } from '../../../../ui/class-names.ts'
import { formatCount } from '../../../../ui/format.ts'
import { Glyph, StitchRing } from '../../../../ui/glyph.tsx'
import { PHASES } from './outcome-table.ts'

/** How far a run is: steps that are done on a solid line, those to come on a stitched one. */
export function Progress({ phase, compared }: { phase: string; compared: number }) {
  const current = PHASES.findIndex(([key]) => key === phase)
  return (
    <div className="mt-6 max-w-[620px]" role="status" aria-label="Progress">
      <ol className="flex items-center gap-2">
        {PHASES.map(([key, words], index) => (
          <Fragment key={key}>
            {index > 0 && (
              <li
                aria-hidden="true"
                className={cn('h-0.5 flex-1', index <= current ? 'bg-edge' : 'stitch-x text-ink-3')}
              />
            )}
            <li
              aria-current={index === current ? 'step' : undefined}
              className={cn('flex items-center gap-[.4rem]', index > current && 'text-ink-3')}
            >
              {index < current ? (
                <Glyph look="paid" />
              ) : index === current ? (
                <StitchRing className="text-processing-mark" />
              ) : (
                <Glyph look="none" />
              )}
              <span className={cn(index === current && 'font-strong')}>{words}</span>
            </li>
          </Fragment>
        ))}
      </ol>
      <p className="num mt-2 text-small text-ink-2">{formatCount(compared)} compared so far</p>
    </div>
  )
}
