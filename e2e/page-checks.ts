/** What every page must be, whatever it shows: still, named, as wide as its screen. Each check gives what is wrong. */
import assert from 'node:assert/strict'
import type { Page } from 'playwright-core'

/**
 * Less than one line of text that moves by its own height. What is called good on the web is 0.1; pages that reserve room
 * for what comes need a tenth of it.
 */
const MOST_LAYOUT_SHIFT = 0.01

/** WCAG 2.2, 2.5.8: what can be pressed is at least this wide and high, or has that much room around it. */
const LEAST_TARGET_PX = 24

/** Roles that a person operates or that say something by their name alone. */
const NEEDS_NAME = new Set([
  'button',
  'link',
  'textbox',
  'searchbox',
  'combobox',
  'listbox',
  'radio',
  'checkbox',
  'switch',
  'slider',
  'spinbutton',
  'tab',
  'menuitem',
  'image',
  'dialog',
  'table',
])

/**
 * Collects every movement of the layout of a page that nobody touches. To be added before it loads. Those that follow
 * within half a second of an input are counted too: on an emulated phone the browser takes the setting up of the screen
 * for one. It reports a movement some frames after it was painted, so whoever asks waits for a few frames.
 */
export const LAYOUT_SHIFT_RECORDER = `
  (() => {
    const shifts = []
    const keep = (entries) => {
      for (const { value, startTime, sources } of entries) {
        const moved = sources.map(({ node }) => node?.outerHTML?.slice(0, 160) ?? String(node?.nodeName))
        shifts.push({ value, at: Math.round(startTime), moved })
      }
    }
    const observer = new PerformanceObserver((list) => keep(list.getEntries()))
    observer.observe({ type: 'layout-shift', buffered: true })
    window.layoutShifts = async () => {
      for (let frame = 0; frame < 3; frame += 1) {
        document.documentElement.style.setProperty('--frame', String(frame))
        await new Promise((resolve) => requestAnimationFrame(() => setTimeout(resolve)))
      }
      keep(observer.takeRecords())
      return shifts
    }
  })()
`

/** The page stood still while it loaded. */
export async function assertStill(page: Page): Promise<void> {
  const shifts = await page.evaluate<{ value: number; at: number; moved: string[] }[]>('window.layoutShifts()')
  const sum = shifts.reduce((total, shift) => total + shift.value, 0)
  assert.ok(sum <= MOST_LAYOUT_SHIFT, `the page moved by ${sum.toFixed(4)}: ${JSON.stringify(shifts, null, 2)}`)
}

/** Nothing sticks out to the side: at this width nobody has to scroll sideways. */
export async function assertNoSidewaysScroll(page: Page, width: number): Promise<void> {
  const found = await page.evaluate<{ scrollWidth: number; wide: string[] }>(`(() => {
    const inScroller = (element) => {
      for (let up = element.parentElement; up !== null; up = up.parentElement)
        if (up !== document.body && getComputedStyle(up).overflowX !== 'visible') return true
      return false
    }
    const wide = [...document.body.querySelectorAll('*')]
      .filter((element) => element.getBoundingClientRect().right > ${width} + 0.5 && !inScroller(element))
      .map((element) => element.outerHTML.slice(0, 160))
    return { scrollWidth: document.documentElement.scrollWidth, wide: wide.slice(0, 5) }
  })()`)
  assert.ok(found.scrollWidth <= width, `${width} px show ${found.scrollWidth} px: ${found.wide.join('\n')}`)
}

/** One heading of the first level, a title, a language, one main part, no id twice. */
export async function assertOutline(page: Page): Promise<void> {
  const outline = await page.evaluate<Record<string, unknown>>(`(() => {
    const seen = (element) => element.checkVisibility({ visibilityProperty: true })
    const ids = [...document.querySelectorAll('[id]')].map(({ id }) => id)
    return {
      headings: [...document.querySelectorAll('h1')].filter(seen).filter((h1) => h1.innerText.trim() !== '').length,
      mains: [...document.querySelectorAll('main')].filter(seen).length,
      hasLanguage: document.documentElement.lang !== '',
      hasTitle: document.title.trim() !== '',
      twice: ids.filter((id, index) => ids.indexOf(id) !== index),
    }
  })()`)
  assert.deepEqual(outline, { headings: 1, mains: 1, hasLanguage: true, hasTitle: true, twice: [] })
}

/** Everything that is operated has a name, as the browser tells it to a screen reader. */
export async function assertNamed(page: Page): Promise<void> {
  const session = await page.context().newCDPSession(page)
  try {
    const { nodes } = await session.send('Accessibility.getFullAXTree')
    const nameless: string[] = []
    for (const node of nodes) {
      const role = String(node.role?.value ?? '')
      const name = String(node.name?.value ?? '').trim()
      if (node.ignored || name !== '' || !NEEDS_NAME.has(role) || node.backendDOMNodeId === undefined) continue
      const { outerHTML } = await session.send('DOM.getOuterHTML', { backendNodeId: node.backendDOMNodeId })
      nameless.push(`${role}: ${outerHTML.slice(0, 160)}`)
    }
    assert.deepEqual(nameless, [], 'everything that is operated has a name')
  } finally {
    await session.detach()
  }
}

/**
 * What is pressed with a finger can be hit: it is 24 px wide and high, or a circle of that size around its middle touches
 * nothing else that is pressed. Links inside a sentence are as high as its line, which the rule allows.
 */
export async function assertTouchable(page: Page): Promise<void> {
  const small = await page.evaluate<string[]>(`(() => {
    const all = [...document.querySelectorAll('a[href], button, select, summary, input:not([type=hidden])')]
      .filter((target) => target.checkVisibility({ visibilityProperty: true, opacityProperty: true }))
      .map((target) => ({ target, box: (target.closest('label') ?? target).getBoundingClientRect() }))
      // Skip links wait outside of the page until the keyboard reaches them.
      .filter(({ box }) => box.width > 1 && box.height > 1 && box.right > 0 && box.bottom + scrollY > 0)
    const isSmall = ({ box }) => Math.min(box.width, box.height) < ${LEAST_TARGET_PX}
    const middle = ({ box }) => ({ x: box.left + box.width / 2, y: box.top + box.height / 2 })
    const gap = (from, to) => {
      const at = middle(from)
      if (isSmall(to)) return Math.hypot(at.x - middle(to).x, at.y - middle(to).y) - ${LEAST_TARGET_PX / 2}
      const x = Math.max(to.box.left - at.x, 0, at.x - to.box.right)
      const y = Math.max(to.box.top - at.y, 0, at.y - to.box.bottom)
      return Math.hypot(x, y)
    }
    // A link that covers its whole row is as large as the row.
    const coversRow = ({ target }) => getComputedStyle(target, '::after').position === 'absolute'
    const inSentence = ({ target }) => getComputedStyle(target).display === 'inline'
    return all
      .filter((one) => isSmall(one) && !inSentence(one) && !coversRow(one))
      .filter((one) => all.some((other) => other !== one && gap(one, other) < ${LEAST_TARGET_PX / 2}))
      .map(({ target, box }) => Math.round(box.width) + ' x ' + Math.round(box.height) + ': ' + target.outerHTML.slice(0, 160))
  })()`)
  assert.deepEqual(small, [], `everything that is pressed has ${LEAST_TARGET_PX} px for itself`)
}

/** The page's ground is light or dark, as the person's system asks. */
export async function assertScheme(page: Page, scheme: 'light' | 'dark'): Promise<void> {
  const channels = await page.evaluate<number[]>(`(() => {
    const canvas = Object.assign(document.createElement('canvas'), { width: 1, height: 1 }).getContext('2d')
    const grounds = [document.documentElement, document.body].map((part) => getComputedStyle(part).backgroundColor)
    canvas.fillStyle = grounds.find((colour) => colour !== 'rgba(0, 0, 0, 0)') ?? '#fff'
    canvas.fillRect(0, 0, 1, 1)
    return [...canvas.getImageData(0, 0, 1, 1).data.slice(0, 3)]
  })()`)
  const brightness = channels.reduce((sum, channel) => sum + channel, 0) / channels.length
  assert.equal(brightness > 127 ? 'light' : 'dark', scheme, `the ground is rgb(${channels.join(', ')})`)
}
