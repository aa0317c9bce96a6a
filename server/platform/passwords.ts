/**
 * Which passwords are refused: those that whoever guesses tries first. It does not make a password good; it keeps out the
 * worst. The rule is one for everybody: at sign-up, when a password is changed or set for somebody, and for the first
 * admin's. It follows NIST SP 800-63B, section 3.1.1.2: length, a list of common ones, and words of the context; no rules
 * about kinds of characters.
 */
import { readFileSync } from 'node:fs'

const MIN_LENGTH = 8
/** With fewer, it is one thing again and again: aaaaaaaa, abababab, 11112222. */
const MIN_DISTINCT = 4
/** A shorter word inside a password proves nothing. */
const MIN_WORD = 6
/** Everybody can read it in the README. */
const DEMO_PASSWORD = 'seven-brass-tins'

let common: ReadonlySet<string> | undefined

/**
 * What is wrong with a password, as the end of a sentence that begins with its name; undefined when it is taken.
 *
 * @param own what belongs to its owner and is no secret: the e-mail address, the name, the shop's name
 */
export function passwordProblem(password: string, own: readonly string[]): string | undefined {
  const typed = password.normalize('NFKC').trim()
  // Characters as people count them: one with its marks is one.
  const characters = [...new Intl.Segmenter().segment(typed)].map(({ segment }) => segment)
  if (characters.length < MIN_LENGTH)
    return `must have ${MIN_LENGTH} characters or more, blanks at its ends not counted`
  if (new Set(characters).size < MIN_DISTINCT) return `must have ${MIN_DISTINCT} different characters or more`
  const bare = bareWord(typed)
  const word = withoutDigitsAround(bare)
  const known = words()
  const tried = [typed.toLowerCase(), bare, ...(word.length < MIN_WORD ? [] : [word])]
  if (bare === bareWord(DEMO_PASSWORD) || tried.some((each) => known.has(each))) {
    return 'is among those that are guessed first: take another'
  }
  const ownWords = new Set(['hundi', ...own.flatMap((text) => [text, ...text.split('@')])].map(bareWord))
  if (word !== '' && [bare, word].some((each) => ownWords.has(each))) {
    return "must not be your e-mail address, your name or the shop's name"
  }
  return undefined
}

/** Letters and digits only: what is put between them makes a password no harder to guess. */
function bareWord(text: string): string {
  return text
    .normalize('NFKC')
    .toLowerCase()
    .replaceAll(/[^\p{L}\p{M}\p{N}]/gu, '')
}

/** password2026 is password. */
function withoutDigitsAround(word: string): string {
  return word.replace(/^\p{N}+/u, '').replace(/\p{N}+$/u, '')
}

/** Read when the first password is judged: a start that judges none need not. */
function words(): ReadonlySet<string> {
  common ??= new Set(
    readFileSync(new URL('common-passwords.txt', import.meta.url), 'utf8')
      .split('\n')
      .filter((line) => line !== '' && !line.startsWith('#')),
  )
  return common
}
