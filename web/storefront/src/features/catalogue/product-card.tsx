import { Link } from '@tanstack/react-router'
import type { Product } from '../../../../../client/shapes.ts'
import { cn } from '../../../../ui/class-names.ts'
import { sentence } from '../../../../ui/format.ts'
import { Money } from '../../../../ui/money.tsx'
import { Picture } from '../../lib/picture.tsx'
import { splitTitle } from '../../lib/split-title.ts'

/** Few enough that saying so helps to decide. */
const FEW = 5

/** One thing on a shelf. The whole card is one link; `big` is the one that a shelf puts first. */
export function ProductCard({
  product,
  big = false,
  eager = false,
  level = 3,
}: {
  product: Product
  big?: boolean
  eager?: boolean
  level?: 2 | 3
}) {
  const { name, detail } = splitTitle(product.title)
  const Heading = `h${level}` as const
  return (
    <Link
      to="/p/$slug"
      params={{ slug: product.slug }}
      className={cn('group flex flex-col rounded-3', big && 'col-span-2 lg:row-span-2')}
    >
      <span
        className={cn(
          'block overflow-hidden rounded-3 bg-sunken',
          big ? 'aspect-square lg:aspect-auto lg:min-h-0 lg:flex-1' : 'aspect-square',
        )}
      >
        <Picture
          src={product.image}
          eager={eager}
          className={cn(
            'h-full transition-transform duration-[var(--d-3)] ease-out group-hover:scale-[1.03]',
            big && 'lg:h-0 lg:min-h-full',
            product.available === 0 && 'opacity-60',
          )}
        />
      </span>
      <span className="flex flex-col gap-x-3 px-[.1rem] pt-3 sm:flex-row sm:items-baseline sm:justify-between">
        <Heading
          className={cn('min-w-0', big ? 'shop-face text-[1.35rem] lg:text-[1.6rem]' : 'text-h3 leading-[1.35rem]')}
        >
          {big ? product.title : name}
        </Heading>
        <Money
          amount={product.price}
          currency={product.currency}
          className={cn('font-strong', big && 'text-[1.25rem]')}
        />
      </span>
      <span className="px-[.1rem] pt-0.5 text-small text-ink-2">
        {[big || detail === null ? null : sentence(detail), product.shopName]
          .filter((part) => part !== null)
          .join(', ')}
        {product.available === 0 ? (
          <span className="ml-2 font-medium text-ink-3">Sold out</span>
        ) : (
          product.available <= FEW && <span className="num ml-2 font-medium text-failed">{product.available} left</span>
        )}
      </span>
    </Link>
  )
}
