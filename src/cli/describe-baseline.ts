import type { SavedBaseline } from '../artifact/index.ts'
import { RESERVED } from '../codes.ts'
import type { ArtifactConfig } from './artifact-config.ts'
import { fileTable, metricTable, part, shownFacts, worded } from './describe-artifact.ts'
import { count } from './schema-table.ts'

/** What the artifact of a baseline is, for people: what it does, what it learnt from, its files, and what was measured. */
export function describeBaseline(saved: SavedBaseline, config: ArtifactConfig): string {
  const { workflow, sessions, baseline } = saved
  const { split, learnFrom, train } = config
  const times = sessions.times === undefined ? 'without times' : 'with their times'
  return [
    ...shownFacts(saved, [
      ['baseline', part(baseline)],
      ['items', count(workflow.schema.items - RESERVED)],
      ['sessions', `${count(sessions.count)} with ${count(sessions.items.length)} events, ${times}`],
      ['split', split && part({ kind: split.kind, options: { ...split, kind: undefined } })],
      ['learnt from', learnFrom && `${learnFrom} events`],
      ['measured', train && worded(train)],
    ]),
    fileTable(saved),
    ...metricTable(saved, baseline.kind),
  ].join('\n')
}
