import { Link } from '@tanstack/react-router'
import type { ReconciliationRun } from '../../../../../shared/contract/reconciliation.ts'
import { formatCount, providerName } from '../../../../ui/format.ts'
import { StatusMark } from '../../../../ui/status.tsx'
import { When } from '../../../../ui/when.tsx'
import { useAdminName } from '../../lib/admin-name.ts'
import { runSums } from './outcome-table.ts'
import type { RunSearch } from './run-search.ts'
import { runResult, triggerWords, windowWords } from './run-words.ts'

/**
 * Runs as rows, each one link.
 *
 * @param open each leads to those of its lines that wait for a person
 */
export function RunTable({ runs, now, open }: { runs: ReconciliationRun[]; now: number; open: RunSearch['open'] }) {
  const nameOf = useAdminName()
  return (
    <table className="plain rows" aria-label="Runs">
      <thead>
        <tr>
          <th scope="col">Started</th>
          <th scope="col">Compared</th>
          <th scope="col">Result</th>
          <th scope="col" className="r">
            Put right
          </th>
          <th scope="col" className="r">
            Compared
          </th>
        </tr>
      </thead>
      <tbody>
        {runs.map((run) => {
          const sums = runSums(run.outcomes)
          const result = runResult(run)
          return (
            <tr key={run.id}>
              <td className="c-lead">
                <Link
                  to="/reconciliation/$runId"
                  params={{ runId: run.id }}
                  search={{ open }}
                  className="font-strong outline-none after:absolute after:inset-0"
                >
                  <When at={run.startedAt} now={now} />
                </Link>
                <span className="block text-small text-ink-3">{triggerWords(run, nameOf)}</span>
              </td>
              <td className="c-wide text-ink-2">
                {providerName(run.provider)}
                <span className="block text-small text-ink-3">{windowWords(run)}</span>
              </td>
              <td className="c-state">
                <StatusMark look={result.look}>{result.words}</StatusMark>
              </td>
              <td className="r num c-from text-ink-2">{formatCount(sums.healed)}</td>
              <td className="r num c-amount font-strong">{formatCount(sums.compared)}</td>
            </tr>
          )
        })}
      </tbody>
    </table>
  )
}
