import { Glyph, LOOK_MARK } from '../../../../ui/glyph.tsx'
import type { Look } from '../../../../ui/status-words.ts'
import { DabbaMark } from '../../lib/logo.tsx'
import type { Scene } from './scene.ts'

const LOOKS: Record<Scene, Look> = {
  asking: 'none',
  paying: 'pending',
  checking: 'processing',
  confirming: 'processing',
  confirmed: 'paid',
  under_review: 'review',
  not_gone_back: 'failed',
  undecided: 'processing',
  left: 'pending',
  unpaid: 'pending',
  declined: 'failed',
  unreachable: 'failed',
  again: 'pending',
  going_back: 'refunded',
  gone_back: 'refunded',
  stays: 'none',
  ended: 'none',
  signed_out: 'none',
}

/**
 * The box, and how far the money is from it. Stitched while only a browser or a timer says so; when the provider's word
 * arrives the stitch turns into a line, once. It stays on the page while the words below change.
 */
export function Seal({ scene }: { scene: Scene }) {
  const look = LOOKS[scene]
  const isFact = scene === 'confirmed' || scene === 'gone_back'
  const isRunning = scene === 'confirming' || scene === 'asking' || scene === 'checking'
  const colour = look === 'failed' || look === 'none' ? 'text-edge' : LOOK_MARK[look]
  return (
    <div aria-hidden="true" className="mb-6 flex items-center gap-4">
      <DabbaMark className="size-[72px] lg:size-[72px]" />
      <span className={`seal-line ${colour}`} data-fact={isFact || undefined} data-running={isRunning || undefined} />
      <Glyph look={look} className="size-[34px]" />
    </div>
  )
}
