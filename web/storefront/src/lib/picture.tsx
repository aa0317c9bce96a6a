import { cn } from '../../../ui/class-names.ts'

/**
 * A picture from the catalogue, with its size known before it loads. Without an address, an empty tile keeps its place.
 * `alt` is empty where the name stands beside it.
 */
export function Picture({
  src,
  alt = '',
  width = 400,
  height = 400,
  eager = false,
  className,
}: {
  src: string | null | undefined
  alt?: string
  width?: number
  height?: number
  eager?: boolean
  className?: string
}) {
  if (src == null) {
    return (
      <span aria-hidden="true" className={cn('picture', className)} style={{ aspectRatio: `${width} / ${height}` }} />
    )
  }
  return (
    <img
      src={src}
      alt={alt}
      width={width}
      height={height}
      loading={eager ? 'eager' : 'lazy'}
      decoding="async"
      className={cn('picture', className)}
    />
  )
}
