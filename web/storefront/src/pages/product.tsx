import { Link, useNavigate, useParams } from '@tanstack/react-router'
import { Box, ChevronRight, RotateCcw, Truck } from 'lucide-react'
import { useState, type ReactNode } from 'react'
import { ApiError } from '../../../../client/api-error.ts'
import { MOST_OF_ONE, quantityOf } from '../../../../client/cart.ts'
import { useCart, useCategories, useProduct, useProducts, useShops } from '../../../../client/hooks.tsx'
import type { Product } from '../../../../client/shapes.ts'
import { Button, buttonClass } from '../../../ui/button.tsx'
import { Empty, ErrorState } from '../../../ui/empty.tsx'
import { countOf } from '../../../ui/format.ts'
import { Money } from '../../../ui/money.tsx'
import { Skeleton } from '../../../ui/skeleton.tsx'
import { useToast } from '../../../ui/toast.tsx'
import { Quantity } from '../features/box/quantity.tsx'
import { ProductCard } from '../features/catalogue/product-card.tsx'
import { Delivery } from '../features/catalogue/shop-cards.tsx'
import { Picture } from '../lib/picture.tsx'
import { splitTitle } from '../lib/split-title.ts'
import { taxRate } from '../lib/tax-rate.ts'
import { usePageTitle } from '../lib/use-page-title.ts'

export function ProductPage() {
  const { slug } = useParams({ strict: false }) as { slug: string }
  const product = useProduct(slug)
  usePageTitle(product.data?.title ?? 'One thing')
  if (product.isPending) return <ProductSkeleton />
  if (product.isError) {
    const isGone = product.error instanceof ApiError && product.error.status === 404
    return (
      <div className="wrap py-16">
        {isGone ? (
          <Empty
            level={1}
            title="This thing is no longer on the shelf"
            action={
              <Link to="/products" className={buttonClass({ size: 'touch' })}>
                See what is
              </Link>
            }
          />
        ) : (
          <ErrorState
            level={1}
            title="This page could not be read"
            action={
              <Button size="touch" onClick={() => void product.refetch()}>
                Try again
              </Button>
            }
          >
            The shop did not answer. Nothing in your box is lost.
          </ErrorState>
        )}
      </div>
    )
  }
  return <ProductView key={product.data.id} product={product.data} />
}

function ProductView({ product }: { product: Product }) {
  const cart = useCart()
  const toast = useToast()
  const navigate = useNavigate()
  const categories = useCategories()
  const [quantity, setQuantity] = useState(1)
  const { name } = splitTitle(product.title)
  const inBox = quantityOf(cart.lines, product.id)
  const most = Math.min(product.available, product.maxPerOrder ?? MOST_OF_ONE, MOST_OF_ONE)
  const isSoldOut = product.available === 0
  const category = categories.data?.find((candidate) => candidate.id === product.categoryId)

  const add = () => {
    cart.add(product.id, quantity)
    setQuantity(1)
    toast({
      look: 'paid',
      title: 'In your box',
      description: `${quantity} × ${product.title}`,
      action: { label: 'See the box', onClick: () => void navigate({ to: '/cart' }) },
    })
  }
  const buy = (
    <div className="flex min-w-0 flex-1 items-center gap-3">
      {!isSoldOut && <Quantity value={quantity} of={name} most={most} tall onChange={setQuantity} />}
      <Button size="hero" disabled={isSoldOut} onClick={add} className="min-w-0 flex-1">
        {isSoldOut ? 'Sold out' : 'Add to box'}
      </Button>
    </div>
  )

  return (
    <div className="wrap">
      <nav aria-label="Where you are" className="flex items-center gap-[.4rem] py-3 text-small text-ink-2">
        <Link to="/products" className="inline-flex min-h-8 items-center hover:underline">
          Everything
        </Link>
        {category && (
          <>
            <ChevronRight size={14} strokeWidth={1.7} aria-hidden="true" />
            <Link
              to="/c/$slug"
              params={{ slug: category.slug }}
              className="inline-flex min-h-8 items-center hover:underline"
            >
              {category.name}
            </Link>
          </>
        )}
      </nav>
      <div className="grid grid-cols-[minmax(0,1fr)] items-start gap-6 lg:grid-cols-[minmax(0,1.15fr)_minmax(0,1fr)] lg:gap-16 lg:pt-2">
        <span className="-mx-4 block overflow-hidden lg:mx-0 lg:rounded-3">
          <Picture src={product.image} alt={product.title} width={700} height={700} eager />
        </span>
        <div>
          <ShopLink product={product} />
          <h1 className="shop-face mt-2 mb-4 text-[2.2rem] leading-[1.06] lg:text-[3.1rem]">{product.title}</h1>
          <p className="text-[2rem] leading-tight font-medium tracking-[-0.01em]">
            <Money amount={product.price} currency={product.currency} />
          </p>
          <p className="mt-1 text-small text-ink-2">
            {product.taxRateBps === 0 ? 'No GST on this.' : `All taxes in it: ${taxRate(product.taxRateBps)} GST`}
          </p>
          {product.description && <p className="mt-5 max-w-[48ch] text-read text-ink-2">{product.description}</p>}
          <div className="my-6 hidden lg:flex">{buy}</div>
          <Facts product={product} inBox={inBox} />
        </div>
      </div>
      <OtherThings product={product} />
      <div
        data-bottom-bar
        className="fixed inset-x-0 bottom-0 z-10 flex gap-3 border-t border-rule bg-surface px-4 py-3 pb-[max(.75rem,env(safe-area-inset-bottom))] lg:hidden"
      >
        {buy}
      </div>
    </div>
  )
}

function ShopLink({ product }: { product: Product }) {
  const shop = useShops().data?.find((candidate) => candidate.id === product.shopId)
  const words = [product.shopName, shop?.city].filter((part) => part != null).join(', ')
  // As high as the link that takes its place.
  if (shop === undefined) return <p className="flex min-h-8 items-center text-ink-2">{words}</p>
  return (
    <Link to="/shops/$slug" params={{ slug: shop.slug }} className="link inline-flex min-h-8 items-center">
      {words}
    </Link>
  )
}

function Facts({ product, inBox }: { product: Product; inBox: number }) {
  const shop = useShops().data?.find((candidate) => candidate.id === product.shopId)
  return (
    <ul className="mt-6 border-t border-rule lg:mt-0">
      <Fact
        icon={<Box size={18} strokeWidth={1.7} aria-hidden="true" />}
        title={product.available === 0 ? 'Sold out for now' : `In stock, ${countOf(product.available, 'left', 'left')}`}
        aside={
          inBox > 0 && (
            <Link to="/cart" className="link text-small">
              {inBox} in your box
            </Link>
          )
        }
      >
        Kept for you from the moment you order until you have paid
      </Fact>
      {shop && (
        <Fact icon={<Truck size={18} strokeWidth={1.7} aria-hidden="true" />} title={`Packed and sent by ${shop.name}`}>
          <Delivery shop={shop} currency={product.currency} />
        </Fact>
      )}
      <Fact icon={<RotateCcw size={18} strokeWidth={1.7} aria-hidden="true" />} title="Money back by itself">
        If the shop has to cancel, you need do nothing
      </Fact>
    </ul>
  )
}

function Fact({
  icon,
  title,
  aside,
  children,
}: {
  icon: ReactNode
  title: string
  aside?: ReactNode
  children: ReactNode
}) {
  return (
    <li className="grid grid-cols-[28px_1fr_auto] items-center gap-3 border-b border-rule py-[.85rem]">
      {icon}
      <span>
        {title}
        <span className="mt-0.5 block text-small text-ink-2">{children}</span>
      </span>
      {aside}
    </li>
  )
}

function OtherThings({ product }: { product: Product }) {
  const products = useProducts({ sort: 'featured', limit: 12 })
  const others = products.data?.pages[0]?.items.filter((other) => other.id !== product.id && other.available > 0) ?? []
  // Things of another kind first: whoever looks at a stole has mostly seen the stoles.
  const shown = others
    .toSorted((a, b) => Number(a.categoryId === product.categoryId) - Number(b.categoryId === product.categoryId))
    .slice(0, 4)
  if (shown.length === 0) return null
  return (
    <section aria-labelledby="others-title" className="mt-12 border-t-2 border-ink pt-5 lg:mt-16">
      <h2 id="others-title" className="shop-face mb-5 text-[1.6rem] lg:text-[1.9rem]">
        From other tins
      </h2>
      <div className="grid grid-cols-2 gap-x-3 gap-y-6 lg:grid-cols-4 lg:gap-x-[1.4rem]">
        {shown.map((other) => (
          <ProductCard key={other.id} product={other} />
        ))}
      </div>
    </section>
  )
}

function ProductSkeleton() {
  return (
    <div className="wrap">
      <Skeleton
        label="Fetching it from the shelf"
        className="grid gap-6 pt-14 lg:grid-cols-[minmax(0,1.15fr)_minmax(0,1fr)] lg:gap-16"
      >
        <div className="skeleton aspect-square rounded-3" />
        <div>
          <div className="skeleton mt-3 h-4 w-1/3" />
          <div className="skeleton mt-5 h-12 w-4/5" />
          <div className="skeleton mt-5 h-8 w-1/4" />
          <div className="skeleton mt-6 h-20 w-full" />
        </div>
      </Skeleton>
    </div>
  )
}
