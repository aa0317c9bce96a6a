import { Link } from '@tanstack/react-router'
import type { ReactNode } from 'react'
import type { ProductQuery } from '../../../../../client/api.ts'
import { ApiError } from '../../../../../client/api-error.ts'
import { useProducts } from '../../../../../client/hooks.tsx'
import { Button, buttonClass } from '../../../../ui/button.tsx'
import { Empty, ErrorState } from '../../../../ui/empty.tsx'
import { Skeleton } from '../../../../ui/skeleton.tsx'
import { ProductCard } from './product-card.tsx'

const GRID = 'grid grid-cols-2 gap-x-3 gap-y-6 md:grid-cols-3 lg:grid-cols-4 lg:gap-x-[1.4rem] lg:gap-y-8'

/** A list of things with its loading, empty and error states, and more of them on request. */
export function Shelf({ query, empty }: { query: ProductQuery; empty: ReactNode }) {
  const products = useProducts(query)
  if (products.isError) {
    return (
      <ErrorState
        title="The shelf could not be read"
        reference={products.error instanceof ApiError ? products.error.requestId : null}
        action={
          <Button variant="outline" size="touch" onClick={() => void products.refetch()}>
            Look again
          </Button>
        }
      >
        <p>Nothing in your box is lost.</p>
      </ErrorState>
    )
  }
  if (products.isPending) return <ShelfSkeleton />
  const things = products.data.pages.flatMap((page) => page.items)
  if (things.length === 0) return empty
  return (
    <>
      <div className={GRID} style={{ opacity: products.isPlaceholderData ? 0.6 : undefined }}>
        {things.map((product, index) => (
          <ProductCard key={product.id} product={product} eager={index < 8} level={2} />
        ))}
      </div>
      {products.hasNextPage && (
        <div className="mt-10 flex justify-center">
          <Button
            variant="outline"
            size="touch"
            busy={products.isFetchingNextPage}
            busyLabel="Fetching"
            onClick={() => void products.fetchNextPage()}
          >
            Show more things
          </Button>
        </div>
      )}
    </>
  )
}

export function ShelfSkeleton({ count = 8 }: { count?: number }) {
  return (
    <Skeleton label="Reading the shelf" className={GRID}>
      {Array.from({ length: count }, (_, index) => (
        <div key={index}>
          <div className="skeleton aspect-square rounded-3" />
          <div className="skeleton mt-4 h-4 w-3/4" />
          <div className="skeleton mt-2 h-3 w-1/2" />
        </div>
      ))}
    </Skeleton>
  )
}

/** Nothing found, with a way on. */
export function EmptyShelf({ title, children, action }: { title: string; children?: ReactNode; action?: ReactNode }) {
  return (
    <Empty
      title={title}
      action={
        action ?? (
          <Link to="/products" className={buttonClass({ variant: 'outline', size: 'touch' })}>
            See everything
          </Link>
        )
      }
    >
      {children}
    </Empty>
  )
}
