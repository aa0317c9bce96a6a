import { Link } from '@tanstack/react-router'
import { Button, buttonClass } from '../../../ui/button.tsx'
import { Empty, ErrorState } from '../../../ui/empty.tsx'
import { usePageTitle } from '../lib/use-page-title.ts'

const TO_THE_SHOP = (
  <Link to="/" className={buttonClass({ size: 'touch' })}>
    To the counter
  </Link>
)

export function NotFoundPage() {
  usePageTitle('No such page')
  return (
    <div className="wrap py-16">
      <Empty level={1} title="There is no such page" action={TO_THE_SHOP}>
        The address may be mistyped, or the thing is no longer sold. Your box and your orders are where they were.
      </Empty>
    </div>
  )
}

/** A bug in the page itself, shown without the shop around it, which may be what broke. What was ordered and paid lives on the server and is untouched by it. */
export function BrokenPage() {
  usePageTitle('This page broke')
  return (
    <main className="wrap py-16">
      <ErrorState
        level={1}
        title="This page broke"
        action={
          <>
            <Button size="touch" onClick={() => window.location.reload()}>
              Load it again
            </Button>
            {TO_THE_SHOP}
          </>
        }
      >
        The fault is ours, and nothing you ordered or paid is touched by it.
      </ErrorState>
    </main>
  )
}
