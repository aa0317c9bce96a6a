import { buttonClass } from '../../../ui/button.tsx'
import { cn } from '../../../ui/class-names.ts'

/** The look of a button for a link. Merged, so that a variant's border wins over the base and `extra` over both. */
export function linkButton(look: Parameters<typeof buttonClass>[0], extra?: string): string {
  return cn(buttonClass(look), extra)
}
