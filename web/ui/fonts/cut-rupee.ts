/**
 * Cuts `anek-latin-rupee.woff2`: the variable Anek Latin with the single glyph U+20B9. The sign is not in the `latin`
 * file of the font package but in the 36 KB `latin-ext` one; without this cut every price either loads that file or
 * takes its sign from another font. The result is committed, so a build needs no cutting. Run it again after the font
 * package changes: `node web/ui/fonts/cut-rupee.ts`.
 */
import { readFile, writeFile } from 'node:fs/promises'
import { fileURLToPath } from 'node:url'
import subsetFont from 'subset-font'

const source = import.meta.resolve('@fontsource-variable/anek-latin/files/anek-latin-latin-ext-wght-normal.woff2')
const cut = await subsetFont(await readFile(fileURLToPath(source)), '₹', { targetFormat: 'woff2' })
await writeFile(new URL('./anek-latin-rupee.woff2', import.meta.url), cut)
