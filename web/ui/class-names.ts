import { extendTailwindMerge } from 'tailwind-merge'

const merge = extendTailwindMerge({
  extend: {
    theme: {
      text: ['micro', 'small', 'body', 'read', 'h3', 'h2', 'h1', 'figure'],
      radius: ['1', '2', '3', '4'],
      shadow: ['pop', 'dialog'],
      'font-weight': ['strong'],
    },
  },
})

/** Joins class names; of two that set the same property the later one wins, so a caller can override a default. */
export function cn(...names: (string | false | null | undefined)[]): string {
  return merge(...names)
}
