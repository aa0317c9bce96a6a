/** Text of a request, cleaned; what has nothing in it that can be seen is refused by its field. */
import { cleanLine, cleanText } from '../../shared/text.ts'
import { invalidField } from './errors.ts'

/**
 * A name or title, on one line.
 *
 * @throws validation_failed naming the field
 */
export function readableLine(field: string, text: string): string {
  return visible(field, cleanLine(text))
}

/**
 * A longer text, such as a reason.
 *
 * @throws validation_failed naming the field
 */
export function readableText(field: string, text: string): string {
  return visible(field, cleanText(text))
}

function visible(field: string, clean: string): string {
  if (clean === '') throw invalidField(field, 'must have something that can be seen')
  return clean
}
