/**
 * Comma-separated values as RFC 4180 says, for people who open them in a spreadsheet: text that a spreadsheet would run
 * as a formula is made plain text by an apostrophe in front of it.
 */
import assert from 'node:assert/strict'

/** Numbers are ours, and are written as they are; everything else is text that somebody may have chosen. */
export type CsvCell = string | number | { decimal: string } | null

/** What begins a formula in Excel, LibreOffice or Google Sheets, also after white space; wide forms of it count as well. */
const FORMULA = /^[\s\0]*[=+\-@\t\r\n\uFF1D\uFF0B\uFF0D\uFF20]/
const DECIMAL = /^-?\d+(\.\d+)?$/
const QUOTED = /[",\r\n]|^\s|\s$/

/** One line with its line break. Null is an empty cell. */
export function csvLine(cells: readonly CsvCell[]): string {
  return `${cells.map(csvCell).join(',')}\r\n`
}

function csvCell(cell: CsvCell): string {
  if (cell === null) return ''
  if (typeof cell === 'number') return String(cell)
  if (typeof cell === 'object') {
    assert(DECIMAL.test(cell.decimal), 'a decimal is digits')
    return cell.decimal
  }
  const text = FORMULA.test(cell) ? `'${cell}` : cell
  return QUOTED.test(text) ? `"${text.replaceAll('"', '""')}"` : text
}
