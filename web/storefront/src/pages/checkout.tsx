import { Link, useNavigate } from '@tanstack/react-router'
import { Lock } from 'lucide-react'
import type { FormEvent, ReactNode } from 'react'
import type { Quote } from '../../../../client/shapes.ts'
import { Button, buttonClass } from '../../../ui/button.tsx'
import { Empty, ErrorState } from '../../../ui/empty.tsx'
import { countInWords } from '../../../ui/format.ts'
import { Money } from '../../../ui/money.tsx'
import { Skeleton } from '../../../ui/skeleton.tsx'
import { useNoToasts } from '../../../ui/toast.tsx'
import { useSignOut } from '../../../../client/hooks.tsx'
import { AddressFields, fieldId } from '../features/checkout/address-fields.tsx'
import { FoldedSummary, Summary } from '../features/checkout/summary.tsx'
import { Trouble } from '../features/checkout/trouble.tsx'
import { useCheckout, type Pressing } from '../features/checkout/use-checkout.ts'
import { WaysToPay, wayKey, type Way } from '../features/checkout/ways-to-pay.tsx'
import { Logo } from '../lib/logo.tsx'
import { Seconds } from '../features/payment/seconds.tsx'
import { useIsWide } from '../lib/use-is-wide.ts'
import { usePageTitle } from '../lib/use-page-title.ts'

export function CheckoutPage() {
  usePageTitle('Checkout')
  useNoToasts()
  const navigate = useNavigate()
  const isWide = useIsWide()
  // The payment has a page of its own: a reload there shows how it stands, and going back leads to the box.
  const checkout = useCheckout((orderId) => {
    void navigate({ to: '/orders/$orderId/result', params: { orderId }, replace: true })
  })
  const { cart, quote } = checkout

  if (cart.isReady && cart.lines.length === 0 && checkout.pressing.state !== 'placing') {
    return (
      <Frame>
        <Empty level={1} title="There is nothing to pay for" action={<BackToShop />}>
          Your box is empty. If you have just paid in another tab, your order is under “My orders”.
        </Empty>
      </Frame>
    )
  }
  if (quote.data === undefined) {
    return (
      <Frame>
        {quote.isError || cart.isUnknown ? (
          <ErrorState
            level={1}
            title="The price could not be asked for"
            action={
              <Button size="touch" onClick={() => (cart.isUnknown ? cart.refresh() : void quote.refetch())}>
                Ask again
              </Button>
            }
          >
            Nothing is ordered and nothing is charged.{' '}
            <Link to="/cart" className="link">
              Back to the box
            </Link>
          </ErrorState>
        ) : (
          <Skeleton label="Asking for the price" rows={5} rowClassName="h-[76px]" />
        )}
      </Frame>
    )
  }

  const summary = {
    quote: quote.data,
    before: checkout.change?.before ?? null,
    stale: quote.isPlaceholderData,
    coupon: checkout.coupon,
    notice: checkout.change && <PriceNotice change={checkout.change} quote={quote.data} />,
  }
  return (
    <Frame shops={quote.data.shops.length} aside={isWide ? <Summary {...summary} /> : null}>
      {!isWide && <FoldedSummary {...summary} />}
      <Form checkout={checkout} quote={quote.data} isWide={isWide} />
    </Frame>
  )
}

/** The page without the shop's header, the bill on tinted ground to the edge. */
function Frame({ shops, aside, children }: { shops?: number; aside?: ReactNode; children: ReactNode }) {
  return (
    <div className="min-h-dvh bg-surface lg:bg-[linear-gradient(90deg,var(--surface)_0_calc(50%+90px),var(--sunken)_calc(50%+90px))]">
      <div className="mx-auto max-w-[1160px] lg:grid lg:min-h-dvh lg:grid-cols-[minmax(0,1fr)_440px]">
        <main className="px-4 pb-28 lg:pt-6 lg:pr-18 lg:pb-16 lg:pl-8">
          <div className="flex h-[60px] items-center justify-between gap-4">
            <Link to="/" aria-label="Saat Dabbe, to the shop" className="rounded-2">
              <Logo />
            </Link>
            {shops !== undefined && (
              <span className="flex items-center gap-[.4rem] text-small text-ink-2">
                <Lock size={16} strokeWidth={1.7} aria-hidden="true" />
                One payment, {countInWords(shops, 'shop')}
              </span>
            )}
          </div>
          {children}
        </main>
        {aside && (
          <aside aria-label="Your box" className="px-8 pt-[5.6rem] pb-12 lg:pl-12">
            {aside}
          </aside>
        )}
      </div>
    </div>
  )
}

type Checkout = ReturnType<typeof useCheckout>

function Form({ checkout, quote, isWide }: { checkout: Checkout; quote: Quote; isWide: boolean }) {
  const { address, user, way } = checkout
  const submit = async (event: FormEvent) => {
    event.preventDefault()
    const wrong = await checkout.press()
    if (wrong !== null) document.getElementById(fieldId(wrong))?.focus()
  }
  return (
    <form noValidate onSubmit={(event) => void submit(event)}>
      <h1 className="shop-face mt-6 text-[1.7rem] lg:text-[2.1rem]">Checkout</h1>
      <Who checkout={checkout} />
      <section aria-labelledby="where" className="mt-5 border-t border-rule pt-6 pb-2">
        <h2 id="where" className="text-[1.25rem] leading-[1.6rem] font-semibold">
          Where to
        </h2>
        <AddressFields
          form={address.form}
          problems={address.problems}
          askEmail={!user.data}
          onChange={address.change}
          onLeave={address.leave}
        />
      </section>
      <section aria-labelledby="how" className="mt-6 border-t border-rule pt-6">
        <div className="flex flex-wrap items-baseline justify-between gap-x-4">
          <h2 id="how" className="text-[1.25rem] leading-[1.6rem] font-semibold">
            How to pay
          </h2>
          <span className="text-small text-ink-3">Nothing is charged until you confirm</span>
        </div>
        <WaysToPay ways={checkout.ways} chosen={way && wayKey(way)} onChoose={checkout.chooseWay} />
      </section>
      <Trouble
        pressing={checkout.pressing}
        problems={checkout.problems}
        quote={quote}
        onTakeOut={(ids) => {
          for (const id of ids) checkout.cart.setQuantity(id, 0)
        }}
      />
      <div
        data-bottom-bar
        className="fixed inset-x-0 bottom-0 z-10 border-t border-rule bg-surface px-4 py-[.7rem] pb-[max(.7rem,env(safe-area-inset-bottom))] lg:static lg:mt-6 lg:border-0 lg:p-0"
      >
        <PayButton pressing={checkout.pressing} quote={quote} way={way} canPress={checkout.canPress} />
        {isWide && (
          <p className="mt-3 text-center text-small text-ink-2">
            You are charged once, even if you press twice. From then on your box is kept for you while you pay.
          </p>
        )}
      </div>
    </form>
  )
}

function Who({ checkout }: { checkout: Checkout }) {
  const { user, address } = checkout
  const signOut = useSignOut()
  if (user.data) {
    return (
      <p className="mt-1 text-ink-2">
        Signed in as {user.data.name}.{' '}
        <button
          type="button"
          className="link"
          onClick={() => {
            address.clear()
            signOut.mutate()
          }}
        >
          Not you?
        </button>
      </p>
    )
  }
  return (
    <p className="mt-1 text-ink-2">
      You can order without an account.{' '}
      <Link to="/sign-in" search={{ to: '/checkout' }} className="link">
        Sign in instead
      </Link>
    </p>
  )
}

function PayButton({
  pressing,
  quote,
  way,
  canPress,
}: {
  pressing: Pressing
  quote: Quote
  way: Way | undefined
  canPress: boolean
}) {
  const amount = <Money amount={quote.total} currency={quote.currency} />
  const isPlacing = pressing.state === 'placing'
  return (
    <Button
      type="submit"
      size="hero"
      className="w-full"
      disabled={!isPlacing && !canPress}
      busy={isPlacing}
      busyLabel={
        isPlacing && pressing.waitMs !== null ? (
          <>
            No network. Trying again in <Seconds ms={pressing.waitMs} />
          </>
        ) : (
          'Ordering'
        )
      }
    >
      <span>{way?.method === 'cod' ? <>Order, pay {amount} at the door</> : <>Pay {amount}</>}</span>
    </Button>
  )
}

function PriceNotice({ change, quote }: { change: NonNullable<Checkout['change']>; quote: Quote }) {
  return (
    <div role="status" className="mb-4 border-l-[3px] border-pending-mark pl-3">
      {change.changes.map((item) => (
        <p key={item.title}>
          {item.title} is now <Money amount={item.after} currency={quote.currency} />, it was{' '}
          <Money amount={item.before} currency={quote.currency} />.
        </p>
      ))}
      <p>
        Your total is <Money amount={quote.total} currency={quote.currency} className="font-strong" />.
      </p>
    </div>
  )
}

function BackToShop() {
  return (
    <>
      <Link to="/products" className={buttonClass({ size: 'touch' })}>
        Open the dabba
      </Link>
      <Link to="/orders" className={buttonClass({ variant: 'outline', size: 'touch' })}>
        My orders
      </Link>
    </>
  )
}
