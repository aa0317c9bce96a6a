import { Link, useNavigate, useParams, useSearch } from '@tanstack/react-router'
import type { ReactNode } from 'react'
import { useCategories, useShops } from '../../../../client/hooks.tsx'
import { buttonClass } from '../../../ui/button.tsx'
import { sentence } from '../../../ui/format.ts'
import { Kinds } from '../features/catalogue/kinds.tsx'
import { EmptyShelf, Shelf, ShelfSkeleton } from '../features/catalogue/shelf.tsx'
import { parseShelfSearch, shelfQuery, type ShelfSearch, type Sort } from '../features/catalogue/shelf-search.ts'
import { Delivery } from '../features/catalogue/shop-cards.tsx'
import { Picture } from '../lib/picture.tsx'
import { usePageTitle } from '../lib/use-page-title.ts'

/** Everything, or what a search finds. */
export function ProductsPage() {
  const search = useShelfSearch()
  const title = search.q === undefined ? 'Everything in the dabba' : `Looking for “${search.q}”`
  usePageTitle(title)
  return (
    <ShelfPage title={title}>
      <ShelfTools search={search} />
      <Shelf
        query={shelfQuery(search)}
        empty={
          search.q === undefined ? (
            <NothingLeft search={search} title="Nothing here right now" />
          ) : (
            <NothingLeft search={search} title={`Nothing is called “${search.q}”`}>
              Try a shorter word, or the kind of thing it is.
            </NothingLeft>
          )
        }
      />
    </ShelfPage>
  )
}

export function CategoryPage() {
  const { slug } = useParams({ strict: false }) as { slug: string }
  const search = useShelfSearch()
  const categories = useCategories()
  const category = categories.data?.find((candidate) => candidate.slug === slug)
  const title = category?.name ?? (categories.isPending ? '\u00a0' : sentence(slug.replaceAll('-', ' ')))
  usePageTitle(title.trim())
  return (
    <ShelfPage title={title}>
      <ShelfTools search={search} />
      <Shelf
        query={shelfQuery(search, { category: slug })}
        empty={<NothingLeft search={search} title="This tin is empty" />}
      />
    </ShelfPage>
  )
}

export function ShopPage() {
  const { slug } = useParams({ strict: false }) as { slug: string }
  const search = useShelfSearch()
  const shops = useShops()
  const shop = shops.data?.find((candidate) => candidate.slug === slug)
  usePageTitle(shop?.name ?? 'Shop')
  if (shops.data !== undefined && shop === undefined) {
    return (
      <div className="wrap pt-10">
        <EmptyShelf title="No shop of that name" />
      </div>
    )
  }
  if (shop === undefined) {
    return (
      <div className="wrap pt-4">
        <ShelfSkeleton />
      </div>
    )
  }
  return (
    <div className="wrap pt-4">
      <div className="mb-6 grid grid-cols-[minmax(0,1fr)] items-center gap-5 lg:grid-cols-[minmax(0,400px)_1fr] lg:gap-10">
        <span className="block overflow-hidden rounded-3">
          <Picture src={shop.image} width={400} height={220} eager />
        </span>
        <div>
          <h1 className="shop-face text-[2.125rem] lg:text-[2.9rem]">{shop.name}</h1>
          <p className="mt-2 text-read text-ink-2">
            {[shop.city, shop.state].filter((part) => part !== null).join(', ')}. <Delivery shop={shop} />
          </p>
          {shop.description && <p className="mt-2 max-w-[56ch] text-read text-ink-2">{shop.description}</p>}
        </div>
      </div>
      <ShelfTools search={search} />
      <Shelf
        query={shelfQuery(search, { shop: slug })}
        empty={<NothingLeft search={search} title="This shop has nothing on its shelf" />}
      />
    </div>
  )
}

function ShelfPage({ title, children }: { title: string; children: ReactNode }) {
  return (
    <div className="wrap">
      <Kinds />
      <h1 className="shop-face mt-8 text-[2.125rem] lg:mt-11 lg:text-[2.9rem]">{title}</h1>
      {children}
    </div>
  )
}

const SORT_WORDS: Record<Sort, string> = {
  featured: 'As on the counter',
  price: 'Price, lowest first',
  '-price': 'Price, highest first',
  newest: 'Newest first',
}

/** Order and availability; both live in the address, so that a list can be shared and gone back to. */
function ShelfTools({ search }: { search: ShelfSearch }) {
  const change = useChangeSearch()
  return (
    <div className="mt-5 mb-6 flex flex-wrap items-center gap-x-6 gap-y-2">
      <label className="flex items-center gap-2 text-ink-2">
        Order
        <select
          value={search.sort ?? 'featured'}
          onChange={(event) => change({ ...search, sort: event.target.value as Sort })}
          className="h-11 rounded-2 border border-edge bg-surface px-3 text-[1rem] text-ink lg:text-body"
        >
          {Object.entries(SORT_WORDS).map(([sort, words]) => (
            <option key={sort} value={sort}>
              {words}
            </option>
          ))}
        </select>
      </label>
      <label className="flex min-h-11 cursor-pointer items-center gap-2 text-ink-2">
        <input
          type="checkbox"
          checked={search.available ?? false}
          onChange={(event) => change({ ...search, available: event.target.checked })}
          className="size-5 accent-(--accent)"
        />
        Only what can be bought now
      </label>
    </div>
  )
}

/** What found nothing is named, and the narrowest condition can be dropped. */
function NothingLeft({ search, title, children }: { search: ShelfSearch; title: string; children?: ReactNode }) {
  const change = useChangeSearch()
  if (search.available !== true) return <EmptyShelf title={title}>{children}</EmptyShelf>
  return (
    <EmptyShelf
      title={title}
      action={
        <>
          <button
            type="button"
            className={buttonClass({ variant: 'outline', size: 'touch' })}
            onClick={() => change({ ...search, available: false })}
          >
            Show sold-out things too
          </button>
          <Link to="/products" className={buttonClass({ variant: 'quiet', size: 'touch' })}>
            See everything
          </Link>
        </>
      }
    >
      Only things that can be bought now are shown.
    </EmptyShelf>
  )
}

function useShelfSearch(): ShelfSearch {
  return parseShelfSearch(useSearch({ strict: false }) as Record<string, unknown>)
}

function useChangeSearch() {
  const navigate = useNavigate()
  return (next: Record<string, unknown>) => void navigate({ to: '.', search: parseShelfSearch(next), replace: true })
}
