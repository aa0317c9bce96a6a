import { useQuery } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import { buttonClass } from '../../../ui/button.tsx'
import { Empty } from '../../../ui/empty.tsx'
import { countOf } from '../../../ui/format.ts'
import { Glyph } from '../../../ui/glyph.tsx'
import { When } from '../../../ui/when.tsx'
import { reviewCountsQuery } from '../lib/money-queries.ts'
import { useNow } from '../lib/now.ts'
import { usePageTitle } from '../lib/page-title.ts'
import { reviewKind } from '../lib/review-words.ts'
import { HERE } from '../lib/tab-link.ts'

/** Beside the queue while no question is chosen: what there is, by kind, and how long the oldest has waited. */
export function ReviewsRest() {
  usePageTitle('Review')
  const now = useNow()
  const { data: counts } = useQuery(reviewCountsQuery)
  if (!counts) return null
  if (counts.length === 0) {
    return (
      <Empty
        className="pt-24"
        title="Every rupee has its place"
        action={
          <Link
            to="/reviews"
            search={{ status: 'resolved' }}
            activeOptions={HERE}
            className={buttonClass({ variant: 'outline', size: 'compact' })}
          >
            See what was answered
          </Link>
        }
      >
        No payment, refund or payout waits for a person. New questions appear here by themselves.
      </Empty>
    )
  }
  const open = counts.reduce((sum, each) => sum + each.count, 0)
  return (
    <div className="max-w-[640px] px-10 pt-6">
      <h2 className="text-h2">{countOf(open, 'question')} for a person</h2>
      <p className="mt-1 text-ink-2">The money of each is held until somebody decides. Begin with the oldest.</p>
      <ul className="mt-4">
        {counts.map((each) => (
          <li key={each.kind} className="border-t border-rule last:border-b">
            <Link
              to="/reviews"
              search={{ kind: each.kind }}
              className="-mx-2 grid grid-cols-[22px_1fr_auto] items-center gap-2 rounded-2 px-2 py-[.7rem] hover:bg-hover"
            >
              <Glyph look={reviewKind(each.kind).look} className="size-[17px]" />
              <span>
                <b>{reviewKind(each.kind).words}</b>
                <span className="block text-small text-ink-3">
                  oldest <When at={each.oldestAt} now={now} />
                </span>
              </span>
              <span className="num font-strong">{each.count}</span>
            </Link>
          </li>
        ))}
      </ul>
    </div>
  )
}
