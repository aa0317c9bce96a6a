/** A check of the books in plain words, for a terminal. */
import type { Answers } from './checks.ts'

/** What was asked, what is wrong and where. */
export function reportOf(answers: Answers): string {
  const width = Math.max(...answers.questions.map(({ title }) => title.length))
  const lines = answers.questions.flatMap(({ id, title, count, violations }) => {
    const verdict = count === 0 ? 'ok' : `${count} wrong`
    const more = count - violations.length
    return [
      `${id.padEnd(4)} ${title.padEnd(width)}  ${verdict}`,
      ...violations.map((violation) => `       ${violation}`),
      ...(more > 0 ? [`       … and ${more} more`] : []),
    ]
  })
  const broken = answers.questions.filter(({ count }) => count > 0).length
  const verdict =
    broken === 0
      ? `The books are right: ${answers.questions.length} rules hold (asked in ${answers.durationMs} ms).`
      : `The books are not right: ${broken} of ${answers.questions.length} rules are broken (asked in ${answers.durationMs} ms).`
  const history =
    answers.since === null
      ? 'History was asked about from its beginning.'
      : `History was asked about since ${answers.since}, when it was last found right. All of it: npm run check -- --full`
  return [...lines, '', history, verdict, ''].join('\n')
}
