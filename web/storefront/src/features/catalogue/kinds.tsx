import { Link } from '@tanstack/react-router'
import { useCategories } from '../../../../../client/hooks.tsx'
import { Picture } from '../../lib/picture.tsx'

/** The kinds of goods, each as a tin of the dabba. The row scrolls sideways on a phone. */
export function Kinds() {
  const categories = useCategories()
  const kinds = categories.data?.filter((category) => category.productCount > 0) ?? []
  return (
    <nav
      aria-label="Kinds of things"
      className="-mx-4 overflow-x-auto border-b border-rule px-4 [scrollbar-width:none] lg:mx-0 lg:px-0.5"
    >
      <ul className="flex h-[76px] items-center gap-6 lg:gap-9">
        {kinds.map((kind) => (
          <li key={kind.id}>
            <Link
              to="/c/$slug"
              params={{ slug: kind.slug }}
              className="flex min-h-11 items-center gap-[.6rem] font-semibold whitespace-nowrap hover:underline hover:underline-offset-4"
              activeProps={{ className: 'text-accent-text underline underline-offset-4' }}
            >
              <span className="size-9 flex-none overflow-hidden rounded-full border-[3px] border-[#dfe5e8] ring-1 ring-edge">
                <Picture src={kind.image} className="size-full scale-[1.35]" />
              </span>
              {kind.name}
            </Link>
          </li>
        ))}
      </ul>
    </nav>
  )
}
