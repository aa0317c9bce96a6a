/**
 * Why the server cannot start, for whoever started it: one line that names what to change, and no secret. Anything else
 * that is thrown at the start is a defect, and is told with its place.
 */
export class StartError extends Error {
  constructor(message: string, cause?: unknown) {
    // What other programs say may have several lines.
    super(message.trim().replace(/\s*\n\s*/g, ' '), { cause })
    this.name = 'StartError'
  }
}

/** The code of an error of the operating system, '' for any other. */
export function systemCode(error: unknown): string {
  return error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : ''
}
