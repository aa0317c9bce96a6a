import { TriangleAlert } from 'lucide-react'
import { deedProblem } from './problem.ts'

/** Why a deed did not succeed, where the person looks; nothing while there is no error. */
export function ProblemLine({ error }: { error: unknown }) {
  if (!error) return null
  return (
    <p role="alert" className="mt-4 flex items-start gap-2 text-small font-medium text-failed">
      <TriangleAlert size={16} strokeWidth={1.7} aria-hidden="true" className="mt-px flex-none" />
      {deedProblem(error)}
    </p>
  )
}
