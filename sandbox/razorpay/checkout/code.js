/** A picture that looks like a code to scan. No app can read it: nothing would be paid. */
const SVG = 'http://www.w3.org/2000/svg'
const SIDE = 21
const CORNER = 7

/** @param {string} seed the same order has the same picture */
export function code(seed) {
  const svg = document.createElementNS(SVG, 'svg')
  svg.setAttribute('viewBox', `-2 -2 ${SIDE + 4} ${SIDE + 4}`)
  svg.setAttribute('class', 'code')
  svg.setAttribute('role', 'img')
  svg.setAttribute('aria-label', 'A code to scan with a UPI app. This one is only a picture.')
  const path = document.createElementNS(SVG, 'path')
  path.setAttribute('d', squares(seed))
  svg.append(path)
  return svg
}

function squares(seed) {
  let state = 2166136261
  for (const letter of seed) state = Math.imul(state ^ letter.codePointAt(0), 16777619)
  let drawn = ''
  for (let y = 0; y < SIDE; y += 1) {
    for (let x = 0; x < SIDE; x += 1) {
      state = Math.imul(state ^ (state >>> 13), 1274126177)
      const corner = cornerAt(x, y)
      if (corner ?? (state >>> 16) % 2 === 0) drawn += `M${x} ${y}h1v1h-1z`
    }
  }
  return drawn
}

/** Whether this square of a corner mark is dark; undefined outside the three marks and the gap around them. */
function cornerAt(x, y) {
  const far = SIDE - CORNER
  const [left, top] = [x >= far ? x - far : x, y >= far ? y - far : y]
  if (x >= far && y >= far) return undefined
  if (left < 0 || top < 0 || left > CORNER || top > CORNER) return undefined
  if (left === CORNER || top === CORNER) return x < far - 1 && y < far - 1 ? false : undefined
  const ring = Math.max(Math.abs(left - 3), Math.abs(top - 3))
  return ring === 3 || ring <= 1
}
