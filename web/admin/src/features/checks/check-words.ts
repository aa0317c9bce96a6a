/** A check of the books, in words. Each question is shown as the rule that it asks about. Pure. */
import type { CheckRun } from '../../../../../shared/contract/operations.ts'
import { countInWords, countOf, formatExact, sentence } from '../../../../ui/format.ts'

/** What came out, as a title. */
export function checkResult(run: CheckRun): string {
  const broken = run.questions.filter((question) => !question.ok)
  if (run.ok && broken.length === 0) {
    return `All ${countInWords(run.questions.length, 'rule')} hold`
  }
  const rows = broken.reduce((sum, question) => sum + question.count, 0)
  const are = broken.length === 1 ? 'is' : 'are'
  return `${sentence(countInWords(broken.length, 'rule'))} ${are} broken, in ${countOf(rows, 'place')}`
}

/** Rules that are broken stand first; the others keep the order of their numbers. */
export function worstFirst(run: CheckRun): CheckRun['questions'] {
  return run.questions.toSorted((a, b) => Number(a.ok) - Number(b.ok))
}

/** How much of history the check has asked about. */
export function historyWords({ since }: CheckRun): string {
  return since === null
    ? 'All of history was read.'
    : `History was read from ${formatExact(since)} on; what came before was found right then.`
}

export function triggerWords(trigger: string): string {
  const words: Readonly<Record<string, string>> = {
    schedule: 'on schedule',
    admin: 'by hand',
    command: 'from the command line',
  }
  return words[trigger] ?? trigger
}
