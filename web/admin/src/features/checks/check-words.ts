/** A run of the questions, in words. Pure. */
import type { CheckRun } from '../../../../../shared/contract/operations.ts'
import { countInWords, countOf, sentence } from '../../../../ui/format.ts'

/** What the books answered, as a title. */
export function checkResult(run: CheckRun): string {
  const broken = run.questions.filter((question) => !question.ok)
  if (run.ok && broken.length === 0) {
    return `All ${countInWords(run.questions.length, 'question')} answered with nothing`
  }
  const rows = broken.reduce((sum, question) => sum + question.count, 0)
  return `${sentence(countInWords(broken.length, 'question'))} found ${countOf(rows, 'row')}`
}

/** Questions that found something stand first; the others keep the order of their numbers. */
export function worstFirst(run: CheckRun): CheckRun['questions'] {
  return run.questions.toSorted((a, b) => Number(a.ok) - Number(b.ok))
}

export function triggerWords(trigger: string): string {
  const words: Readonly<Record<string, string>> = {
    schedule: 'on schedule',
    admin: 'by hand',
    command: 'from the command line',
  }
  return words[trigger] ?? trigger
}
