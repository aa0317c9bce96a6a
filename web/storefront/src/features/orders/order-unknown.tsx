import { Link } from '@tanstack/react-router'
import type { ApiError } from '../../../../../client/api-error.ts'
import { Button, buttonClass } from '../../../../ui/button.tsx'
import { Empty, ErrorState } from '../../../../ui/empty.tsx'

/** An order that cannot be shown: not this person's, not there, or no answer. It never says that an order is lost. */
export function OrderUnknown({ error, orderId }: { error: ApiError; orderId: string }) {
  const isForeign = error.status === 401 || error.status === 403
  if (isForeign || error.status === 404) {
    return (
      <div className="wrap py-16">
        <Empty
          level={1}
          title={isForeign ? 'This order is somebody’s own' : 'No order at this address'}
          action={
            <>
              <Link to="/sign-in" search={{ to: `/orders/${orderId}` }} className={buttonClass({ size: 'touch' })}>
                Sign in
              </Link>
              <Link to="/orders" className={buttonClass({ variant: 'outline', size: 'touch' })}>
                My orders
              </Link>
            </>
          }
        >
          {isForeign
            ? 'Sign in as the one who ordered, or open it in the browser in which it was ordered.'
            : 'The address may be mistyped. Your orders are under “My orders”.'}
        </Empty>
      </div>
    )
  }
  return (
    <div className="wrap py-16">
      <ErrorState
        level={1}
        title="Your order could not be fetched"
        reference={error.requestId}
        action={
          <Button size="touch" onClick={() => window.location.reload()}>
            Fetch it again
          </Button>
        }
      >
        The shop did not answer. Your order and your money are where they were.
      </ErrorState>
    </div>
  )
}
