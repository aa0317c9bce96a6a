import { useMutation } from '@tanstack/react-query'
import { Link, useNavigate } from '@tanstack/react-router'
import { X } from 'lucide-react'
import { ApiError } from '../../../../client/api-error.ts'
import { MOST_OF_ONE } from '../../../../client/cart.ts'
import { useCart, useHundi, useQuote, type CartView } from '../../../../client/hooks.tsx'
import type { Quote } from '../../../../client/shapes.ts'
import { Button, buttonClass } from '../../../ui/button.tsx'
import { Empty, ErrorState } from '../../../ui/empty.tsx'
import { countInWords, sentence } from '../../../ui/format.ts'
import { Glyph } from '../../../ui/glyph.tsx'
import { Money } from '../../../ui/money.tsx'
import { Skeleton } from '../../../ui/skeleton.tsx'
import { useToast } from '../../../ui/toast.tsx'
import { Quantity } from '../features/box/quantity.tsx'
import { isUnsellable } from '../features/checkout/unsellable.ts'
import { Bill } from '../features/checkout/bill.tsx'
import { Picture } from '../lib/picture.tsx'
import { splitTitle } from '../lib/split-title.ts'
import { usePageTitle } from '../lib/use-page-title.ts'

export function CartPage() {
  usePageTitle('Your box')
  const cart = useCart()
  if (cart.isUnknown) {
    return (
      <div className="wrap py-12">
        <ErrorState
          level={1}
          title="Your box could not be fetched"
          action={
            <Button size="touch" onClick={cart.refresh}>
              Fetch it again
            </Button>
          }
        >
          The shop did not answer. What you put in is kept.
        </ErrorState>
      </div>
    )
  }
  if (!cart.isReady) return <BoxSkeleton />
  if (cart.lines.length === 0) {
    return (
      <div className="wrap py-12">
        <Empty
          level={1}
          title="Your box is empty"
          action={
            <Link to="/products" className={buttonClass({ size: 'touch' })}>
              Open the dabba
            </Link>
          }
        >
          What you put in stays here, also when you close the page.
        </Empty>
      </div>
    )
  }
  return <FullBox cart={cart} />
}

function FullBox({ cart }: { cart: CartView }) {
  const items = cart.lines.map(({ productId, quantity }) => ({ productId, quantity }))
  const quote = useQuote({ items })
  if (quote.data === undefined && quote.isError)
    return <NoPrice cart={cart} error={quote.error} again={quote.refetch} />
  if (quote.data === undefined) return <BoxSkeleton />
  return <PricedBox cart={cart} quote={quote.data} stale={quote.isPlaceholderData || quote.isError} />
}

function PricedBox({ cart, quote, stale }: { cart: CartView; quote: Quote; stale: boolean }) {
  const navigate = useNavigate()
  const things = quote.shops.length === 0 ? '' : ` from ${countInWords(quote.shops.length, 'shop')}`
  const canOrder = quote.problems.length === 0
  const checkout = (
    <Button size="hero" className="w-full" disabled={!canOrder} onClick={() => void navigate({ to: '/checkout' })}>
      Checkout
    </Button>
  )
  return (
    <div className="wrap pt-4 lg:pt-8">
      <h1 className="shop-face text-[2.125rem] lg:text-[2.9rem]">
        {sentence(countInWords(cart.count, 'thing'))}
        {things}
      </h1>
      {cart.hasFailed && (
        <p role="alert" className="mt-3 flex items-center gap-2 text-failed">
          <Glyph look="failed" />
          The last change did not reach the shop. This is what it has.
        </p>
      )}
      <div className="mt-6 grid grid-cols-[minmax(0,1fr)] items-start gap-10 lg:grid-cols-[minmax(0,1fr)_400px] lg:gap-18">
        <div>
          <Unsellable quote={quote} cart={cart} />
          {quote.shops.map((shop) => (
            <ShopPart key={shop.shopId} shop={shop} quote={quote} cart={cart} />
          ))}
        </div>
        <section aria-labelledby="bill-title" className="border-t-2 border-ink pt-4 lg:sticky lg:top-6">
          <h2 id="bill-title" className="mb-4 text-h2">
            What it costs
          </h2>
          {quote.items.length === 0 ? (
            <p className="text-ink-2">Nothing in your box can be bought as it is.</p>
          ) : (
            <Bill bill={quote} totalLabel="Together" stale={stale} />
          )}
          <div className="mt-6 hidden lg:block">{checkout}</div>
          {canOrder ? (
            <p className="mt-3 text-small text-ink-2 lg:text-center">Nothing is charged until you confirm.</p>
          ) : (
            <p className="mt-3 text-small font-medium text-failed">Put right what is marked, then you can order.</p>
          )}
        </section>
      </div>
      <div
        data-bottom-bar
        className="fixed inset-x-0 bottom-0 z-10 flex items-center gap-4 border-t border-rule bg-surface px-4 py-3 pb-[max(.75rem,env(safe-area-inset-bottom))] lg:hidden"
      >
        <Money amount={quote.total} currency={quote.currency} className="text-h2" />
        <div className="flex-1">{checkout}</div>
      </div>
    </div>
  )
}

/** Things that have no price, because they are not sold any more or not with the others: all one can do is take them out. */
function Unsellable({ quote, cart }: { quote: Quote; cart: CartView }) {
  const problems = quote.problems.filter(({ productId }) => isUnsellable(productId, quote))
  if (problems.length === 0) return null
  return (
    <section aria-label="Not for sale" className="border-t-2 border-ink pt-4 pb-5">
      <ul className="grid gap-3">
        {problems.map(({ productId = '', message }) => (
          <li key={productId}>
            <Problem message={message}>
              <FixButton onClick={() => cart.setQuantity(productId, 0)}>Take it out</FixButton>
            </Problem>
          </li>
        ))}
      </ul>
    </section>
  )
}

function ShopPart({ shop, quote, cart }: { shop: Quote['shops'][number]; quote: Quote; cart: CartView }) {
  const problems = quote.problems.filter((problem) => problem.shopId === shop.shopId && problem.productId === undefined)
  return (
    <section aria-label={shop.name} className="border-t border-rule pt-4 pb-5 first:border-t-2 first:border-ink">
      <h2 className="text-small font-semibold text-ink-2">{shop.name}</h2>
      {problems.map((problem) => (
        <Problem key={problem.code} message={problem.message}>
          <FixButton
            onClick={() => {
              for (const { productId } of quote.items.filter((item) => item.shopId === shop.shopId)) {
                cart.setQuantity(productId, 0)
              }
            }}
          >
            Take its things out
          </FixButton>
        </Problem>
      ))}
      <ul className="mt-2 grid gap-5">
        {quote.items
          .filter((item) => item.shopId === shop.shopId)
          .map((item) => (
            <BoxLine key={item.productId} item={item} quote={quote} cart={cart} />
          ))}
      </ul>
    </section>
  )
}

function BoxLine({ item, quote, cart }: { item: Quote['items'][number]; quote: Quote; cart: CartView }) {
  const toast = useToast()
  const { name, detail } = splitTitle(item.title)
  const problems = quote.problems.filter((problem) => problem.productId === item.productId)
  const quantity = cart.lines.find((line) => line.productId === item.productId)?.quantity ?? 0
  const takeOut = () => {
    const before = quantity
    cart.setQuantity(item.productId, 0)
    toast({
      title: `${name} is out of the box`,
      action: { label: 'Put it back', onClick: () => cart.setQuantity(item.productId, before) },
    })
  }
  if (quantity === 0) return null
  return (
    <li className="grid grid-cols-[72px_minmax(0,1fr)] gap-x-4 gap-y-3 lg:grid-cols-[88px_minmax(0,1fr)_auto_7rem_auto] lg:items-center">
      <span className="row-span-2 block self-start overflow-hidden rounded-2 lg:row-span-1">
        <Picture src={item.image} eager />
      </span>
      <span className="min-w-0">
        <span className="block text-h3">{name}</span>
        <span className="block text-small text-ink-2">
          {detail && `${sentence(detail)}, `}
          <Money amount={item.unitPrice} currency={quote.currency} /> each
        </span>
        {problems.map((problem) => (
          <Problem key={problem.code} message={problem.message}>
            {item.most > 0 && item.most < quantity && (
              <FixButton onClick={() => cart.setQuantity(item.productId, item.most)}>Take {item.most}</FixButton>
            )}
          </Problem>
        ))}
      </span>
      <span className="col-start-2 flex flex-wrap items-center gap-3 max-[22.4rem]:col-span-2 max-[22.4rem]:col-start-1 lg:contents">
        <Quantity
          value={quantity}
          of={name}
          least={0}
          most={Math.min(Math.max(item.most, quantity), MOST_OF_ONE)}
          onChange={(next) => (next === 0 ? takeOut() : cart.setQuantity(item.productId, next))}
        />
        <Money amount={item.total} currency={quote.currency} className="ml-auto text-right font-strong lg:ml-0" />
        <button
          type="button"
          aria-label={`Take ${name} out`}
          className="-mr-3 grid size-11 place-items-center rounded-2 text-ink-3 hover:bg-hover hover:text-ink"
          onClick={takeOut}
        >
          <X size={18} strokeWidth={1.7} aria-hidden="true" />
        </button>
      </span>
    </li>
  )
}

function Problem({ message, children }: { message: string; children?: React.ReactNode }) {
  return (
    <span className="mt-1 flex items-start text-small font-medium text-failed">
      <Glyph look="failed" className="mt-[.2em] mr-[.4em] flex-none" />
      <span className="min-w-0">
        {message}
        {children}
      </span>
    </span>
  )
}

function FixButton({ onClick, children }: { onClick: () => void; children: React.ReactNode }) {
  return (
    <button type="button" className="link ml-2 inline py-2" onClick={onClick}>
      {children}
    </button>
  )
}

/** The box cannot be priced: nothing is known to be wrong with the money, and the things are still there. */
function NoPrice({ cart, error, again }: { cart: CartView; error: Error; again: () => unknown }) {
  const { client } = useHundi()
  const isGone = error instanceof ApiError && (error.status === 404 || error.code === 'validation_failed')
  // The price is refused as a whole, so each thing is asked for by itself to find which one is no longer sold.
  const takeOutGone = useMutation({
    mutationFn: async () => {
      for (const { productId } of cart.lines) {
        const found = await client.getProduct(productId).then(
          () => true,
          (problem: unknown) => !(problem instanceof ApiError && problem.status === 404),
        )
        if (!found) cart.setQuantity(productId, 0)
      }
    },
  })
  return (
    <div className="wrap py-12">
      <ErrorState
        level={1}
        title={isGone ? 'Something in your box is no longer sold' : 'The price could not be asked for'}
        reference={error instanceof ApiError ? error.requestId : null}
        action={
          isGone ? (
            <>
              <Button
                size="touch"
                busy={takeOutGone.isPending}
                busyLabel="Looking for it"
                onClick={() => takeOutGone.mutate()}
              >
                Take it out
              </Button>
              <Button variant="outline" size="touch" onClick={cart.clear}>
                Empty the box
              </Button>
            </>
          ) : (
            <Button size="touch" onClick={() => void again()}>
              Ask again
            </Button>
          )
        }
      >
        {isGone
          ? 'A shop took it off its shelf. The rest of your box stays.'
          : `${sentence(countInWords(cart.count, 'thing'))} in your box, nothing is lost.`}
      </ErrorState>
    </div>
  )
}

function BoxSkeleton() {
  return (
    <div className="wrap pt-8">
      <Skeleton label="Looking into your box" rows={3} rowClassName="h-[104px]" />
    </div>
  )
}
