import { Link } from '@tanstack/react-router'
import { ChevronRight } from 'lucide-react'
import { useCategories, useProducts } from '../../../../client/hooks.tsx'
import { Button } from '../../../ui/button.tsx'
import { ErrorState } from '../../../ui/empty.tsx'
import { formatCount } from '../../../ui/format.ts'
import { Kinds } from '../features/catalogue/kinds.tsx'
import { ProductCard } from '../features/catalogue/product-card.tsx'
import { ShelfSkeleton } from '../features/catalogue/shelf.tsx'
import { ShopCards } from '../features/catalogue/shop-cards.tsx'
import { usePageTitle } from '../lib/use-page-title.ts'

/** One big thing and eight smaller ones fill the counter's four columns. */
const ON_THE_COUNTER = 9

export function HomePage() {
  usePageTitle(undefined)
  return (
    <>
      <Hero />
      <div className="wrap">
        <Kinds />
        <Counter />
        <ShopCards />
        <Promises />
      </div>
    </>
  )
}

function Hero() {
  return (
    <section className="hero overflow-hidden">
      <div className="wrap grid items-center pt-7 lg:min-h-[520px] lg:grid-cols-[1fr_minmax(0,560px)] lg:gap-8 lg:pt-0">
        <div>
          <h1 className="shop-face text-[3rem] leading-none lg:text-[clamp(3.6rem,5.7vw,5.1rem)]">
            Seven tins, <br />
            three shops, <br />
            one box.
          </h1>
          <p className="mt-5 mb-7 max-w-[34ch] text-[1.1875rem] leading-[1.65rem]">
            Pepper from Kochi, honey from Almora, ajrakh from Bhuj. Each shop packs its own part; you pay once.
          </p>
          <Link
            to="/products"
            className="inline-flex h-14 items-center gap-2 rounded-[10px] bg-(--hero-act) px-6 text-[1.125rem] font-semibold text-(--hero-act-ink)"
          >
            Open the dabba
            <ChevronRight size={18} strokeWidth={1.7} aria-hidden="true" />
          </Link>
        </div>
        <img
          src="/art/hero-dabba.svg"
          alt="A brass masala dabba from above: seven tins, one for each kind of thing in the shop"
          width={520}
          height={510}
          fetchPriority="high"
          className="-mx-4 -mb-[34%] w-[calc(100%+2rem)] max-w-none -rotate-[8deg] pt-5 lg:m-0 lg:w-full lg:py-8"
        />
      </div>
    </section>
  )
}

function Counter() {
  const products = useProducts({ sort: 'featured', limit: ON_THE_COUNTER })
  const categories = useCategories()
  const total = categories.data?.reduce((count, category) => count + category.productCount, 0)
  return (
    <section aria-labelledby="counter-title">
      <div className="mt-9 mb-4 flex items-baseline justify-between gap-4 lg:mt-[3.4rem] lg:mb-5">
        <h2 id="counter-title" className="shop-face text-[1.6rem] lg:text-[2.125rem]">
          On the counter
        </h2>
        <Link to="/products" className="link">
          {total === undefined ? 'Everything' : `All ${formatCount(total)} things`}
        </Link>
      </div>
      {products.isError ? (
        <ErrorState
          title="The counter could not be laid out"
          action={
            <Button variant="outline" size="touch" onClick={() => void products.refetch()}>
              Look again
            </Button>
          }
        >
          <p>The shop did not answer. Nothing in your box is lost.</p>
        </ErrorState>
      ) : products.isPending ? (
        <ShelfSkeleton />
      ) : (
        <div className="grid grid-cols-2 gap-x-3 gap-y-6 lg:grid-cols-4 lg:gap-x-[1.4rem] lg:gap-y-8">
          {products.data.pages[0]?.items.map((product, index) => (
            <ProductCard key={product.id} product={product} big={index === 0} eager={index < 5} />
          ))}
        </div>
      )}
    </section>
  )
}

function Promises() {
  return (
    <section
      aria-labelledby="promises-title"
      className="mt-16 grid gap-6 border-t-2 border-ink pt-6 lg:grid-cols-[1.1fr_1fr_1fr_1fr] lg:gap-[2.4rem]"
    >
      <h2 id="promises-title" className="shop-face text-[1.75rem]">
        What we promise about your money
      </h2>
      <div>
        <h3 className="text-h3">Charged once</h3>
        <p className="mt-1 text-ink-2">Two clicks, two tabs or a lost network: still one payment.</p>
      </div>
      <div>
        <h3 className="text-h3">Always an answer</h3>
        <p className="mt-1 text-ink-2">You can see at any moment what became of it.</p>
      </div>
      <div>
        <h3 className="text-h3">Back by itself</h3>
        <p className="mt-1 text-ink-2">
          Money that comes too late, twice or for a cancelled order is refunded without asking.
        </p>
      </div>
    </section>
  )
}
