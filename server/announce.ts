/** What is on the screen once the server is there: where to go, who can sign in, and what is unwise. */
import type { Config } from './platform/config.ts'
import type { Problem } from './platform/environment.ts'
import type { People } from './start-people.ts'

export function announce(
  config: Config,
  sandboxUrl: string | undefined,
  { logins, shutOut, isAdminUnused }: People,
  warnings: readonly Problem[],
): void {
  const lines = ['', '  Hundi is ready.', '']
  if (config.role !== 'worker') {
    lines.push(
      `  Storefront  ${config.http.publicUrl}`,
      `  Admin       ${config.http.publicUrl}/admin`,
      `  API         ${config.http.publicUrl}/docs`,
    )
  }
  if (sandboxUrl !== undefined) lines.push(`  Sandbox     ${sandboxUrl}   (no real money)`)
  if (logins.length > 0) lines.push('', '  Demo log-ins')
  for (const login of logins) lines.push(`    ${login.role.padEnd(9)} ${login.email.padEnd(28)} ${login.password}`)
  if (shutOut.length > 0) {
    lines.push('', "  Shut out, because they had the demo's password:", ...shutOut.map((email) => `    ${email}`))
  }
  if (isAdminUnused) {
    lines.push('', '  ADMIN_EMAIL was not used: another admin is there already, and can make more.')
  }
  if (warnings.length > 0) {
    lines.push('', ...warnings.map(({ variable, problem }) => `  Warning: ${variable} ${problem}.`))
  }
  process.stdout.write(`${lines.join('\n')}\n\n`)
}
