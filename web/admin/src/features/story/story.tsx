import { Fragment, useId, useRef, useState } from 'react'
import { cn } from '../../../../ui/class-names.ts'
import { clockParts, dayKey, formatDate, formatExact, formatNearDate, providerName } from '../../../../ui/format.ts'
import { Money } from '../../../../ui/money.tsx'
import { PhraseText } from '../../../../ui/phrase-text.tsx'
import { filterStory, type Lane, spokenMark, type StoryFilter, type StoryRow } from './story-row.ts'

/** Middle of each lane in px, inside the 236 px that the lanes have. */
const LANE_X: Readonly<Record<Lane, number>> = { shopper: 16, hundi: 80, provider: 144, shops: 208 }

const FILTERS: [StoryFilter, string][] = [
  ['everything', 'Everything'],
  ['money', 'Money only'],
  ['calls', 'Provider calls'],
]

/** More that happened before the first row, and is not read yet. */
export type OlderStory = { isReading: boolean; onRead(): void }

/**
 * What happened, as messages between lanes: an arrow points the way the message went, solid is a fact, stitched is a
 * promise. It reads as an ordered list; the lanes are only for eyes.
 */
export function Story({
  rows,
  providers,
  now,
  older,
}: {
  rows: StoryRow[]
  providers: string[]
  now: number
  older: OlderStory | undefined
}) {
  const [filter, setFilter] = useState<StoryFilter>('everything')
  const shown = filterStory(rows, filter)
  const first = useRef<ReadonlySet<string> | null>(null)
  first.current ??= new Set(rows.map((row) => row.key))
  const firstKeys = first.current
  const only = providers.length === 1 ? providers[0] : undefined
  const laneName = only === 'cod' ? 'Courier' : only ? providerName(only) : 'Provider'
  return (
    <section className="mt-[2.2rem]" aria-labelledby="story-title">
      <div className="mb-[.8rem] flex flex-wrap items-center justify-between gap-3">
        <h2 id="story-title" className="text-h2">
          What happened
        </h2>
        <div role="group" aria-label="Show" className="seg">
          {FILTERS.map(([key, words]) => (
            <button key={key} type="button" aria-pressed={filter === key} onClick={() => setFilter(key)}>
              {words}
            </button>
          ))}
        </div>
      </div>
      <div className="lanes-head" aria-hidden="true">
        <span>Time</span>
        <span className="relative h-4">
          <LaneName x={22}>Shopper</LaneName>
          <LaneName x={LANE_X.hundi}>Hundi</LaneName>
          <LaneName x={LANE_X.provider}>{laneName}</LaneName>
          <LaneName x={212}>Shops</LaneName>
        </span>
        <span className="pl-[.4rem]">Event</span>
      </div>
      {shown.length === 0 && <p className="py-4 text-ink-2">Nothing of that kind has happened.</p>}
      {older && (
        <p className="border-b border-rule py-3 text-small text-ink-2">
          More happened before this, and is not shown.{' '}
          <button type="button" className="fold" disabled={older.isReading} onClick={older.onRead}>
            {older.isReading ? 'Reading what happened before…' : 'Show what happened before'}
          </button>
        </p>
      )}
      <ol>
        {shown.map((row, index) => (
          <Row
            key={row.key}
            row={row}
            now={now}
            isNewDay={row.tone !== 'coming' && isNewDay(shown[index - 1], row)}
            isArriving={!firstKeys.has(row.key)}
          />
        ))}
      </ol>
    </section>
  )
}

function LaneName({ x, children }: { x: number; children: string }) {
  return (
    <span className="absolute -translate-x-1/2 whitespace-nowrap" style={{ left: x }}>
      {children}
    </span>
  )
}

/** The first row says its day when that is not today, every later one when the day changed. */
function isNewDay(before: StoryRow | undefined, row: StoryRow): boolean {
  if (row.at === null) return false
  return before?.at ? dayKey(before.at) !== dayKey(row.at) : dayKey(row.at) !== dayKey(Date.now())
}

function Row({
  row,
  now,
  isNewDay: saysDay,
  isArriving,
}: {
  row: StoryRow
  now: number
  isNewDay: boolean
  isArriving: boolean
}) {
  const spoken = spokenMark(row.mark, row.provider ? providerName(row.provider) : 'Provider')
  return (
    <>
      {saysDay && row.at && (
        <li className="story-day">
          <span />
          <span className="lanes" />
          <span>{formatDate(row.at)}</span>
        </li>
      )}
      <li className={cn('story-row', `t-${row.tone}`, row.tone === 'coming' && row.money && 'is-refund')}>
        <span className="story-time">
          <RowTime row={row} now={now} />
        </span>
        <span className="lanes" aria-hidden="true">
          <Arrow row={row} isArriving={isArriving && row.tone === 'fact'} />
        </span>
        <div className="story-text">
          <div className="flex items-baseline justify-between gap-4">
            <b className="story-title">
              <span className="sr-only">{row.tone === 'coming' ? `Still to come, ${spoken}: ` : `${spoken}: `}</span>
              {row.title}
            </b>
            {row.money && (
              <span className="story-money">
                <Money amount={row.money.amount} currency={row.money.currency} signed={row.tone === 'fact'} />
              </span>
            )}
          </div>
          <Details row={row} />
        </div>
      </li>
    </>
  )
}

/** The second line; what can be unfolded stands at its end, so that a closed row costs no height. */
function Details({ row }: { row: StoryRow }) {
  const [open, setOpen] = useState<ReadonlySet<string>>(new Set())
  const id = useId()
  if (row.detail.length === 0 && row.folds.length === 0) return null
  const toggle = (label: string) => setOpen((before) => new Set([label]).symmetricDifference(before))
  return (
    <>
      <p className="mt-[.1rem] max-w-[72ch] text-small text-ink-2">
        <PhraseText phrase={row.detail} />
        {row.folds.map((fold, index) => (
          <Fragment key={fold.label}>
            {(index > 0 || row.detail.length > 0) && ' '}
            <button
              type="button"
              aria-expanded={open.has(fold.label)}
              aria-controls={open.has(fold.label) ? `${id}-${index}` : undefined}
              onClick={() => toggle(fold.label)}
              className="fold"
            >
              {fold.label}
            </button>
          </Fragment>
        ))}
      </p>
      {row.folds.map(
        (fold, index) =>
          open.has(fold.label) && (
            <pre key={fold.label} id={`${id}-${index}`} tabIndex={0} aria-label={fold.label} className="fold-body">
              {fold.body}
            </pre>
          ),
      )}
    </>
  )
}

function RowTime({ row, now }: { row: StoryRow; now: number }) {
  if (row.at === null) return <span className="text-ink-3">to come</span>
  if (row.tone === 'coming') {
    const isToday = dayKey(row.at) === dayKey(now)
    return (
      <time dateTime={row.at} title={formatExact(row.at)}>
        by {isToday ? clockParts(row.at).clock : formatNearDate(row.at, now)}
      </time>
    )
  }
  const { clock, millis } = clockParts(row.at)
  return (
    <time dateTime={row.at} title={formatExact(row.at)} className="num">
      {clock}
      <span className="text-ink-3">{millis}</span>
    </time>
  )
}

/** One message as a line with a head, one thing of our own as a dot, drawn in the row's colour. */
function Arrow({ row, isArriving }: { row: StoryRow; isArriving: boolean }) {
  if ('at' in row.mark) {
    const x = LANE_X[row.mark.at]
    const isFilled = row.tone === 'effect'
    return (
      <svg className="arrow" width="236" height="44">
        <circle cx={x} cy="22" r="5" className={isFilled ? 'dot-full' : 'dot-open'} />
      </svg>
    )
  }
  const from = LANE_X[row.mark.from]
  const to = LANE_X[row.mark.to]
  const way = to > from ? 1 : -1
  const isStitched = row.tone === 'claim' || row.tone === 'lost' || row.tone === 'coming'
  const end = to - way * 2
  const middle = (from + to) / 2
  return (
    <svg className={cn('arrow', isArriving && 'arriving')} width="236" height="44">
      <line
        x1={from}
        y1="22"
        x2={end - way * 5}
        y2="22"
        strokeWidth={row.tone === 'fact' ? 3 : 2}
        strokeDasharray={isStitched ? '6 4' : undefined}
      />
      {row.tone === 'lost' ? (
        <>
          <rect x={middle - 8} y="14" width="16" height="16" className="arrow-gap" />
          <path d={`M${middle - 4} 18l8 8m0-8l-8 8`} strokeWidth="2" strokeLinecap="round" fill="none" />
        </>
      ) : (
        <path d={`M${end} 22l${-way * 8}-4.5v9z`} className="arrow-head" />
      )}
      {/* Without colour a refusal is told by its barred tail, and money by its thicker line. */}
      {row.tone === 'refusal' && <path d={`M${from + way * 5} 16v12`} strokeWidth="2" strokeLinecap="round" />}
    </svg>
  )
}
