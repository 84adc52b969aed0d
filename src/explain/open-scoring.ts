import type { AnyArtifact, Served } from '../artifact/index.ts'
import type { Runtime } from '../graph/index.ts'
import { baselineFiles, baselineScorer, servedBaseline } from '../recommend/baseline-engine.ts'
import { checkProgram, scoreRows } from '../recommend/score-rows.ts'
import type { ScoredRow, SessionRow } from '../recommend/session-row.ts'

/** What scores sessions to explain them. */
export interface Scoring {
  readonly score: (rows: readonly SessionRow[]) => Promise<readonly ScoredRow[]>
  readonly close: () => Promise<void>
}

/** Opens the graph of a model, or fits a baseline: as recommending does, once more. */
export async function openScoring(
  artifact: AnyArtifact,
  { served, runtime }: { readonly served: Served; readonly runtime: Runtime },
): Promise<Scoring> {
  if ('baseline' in artifact) {
    const score = baselineScorer(servedBaseline(baselineFiles(artifact), served), served)
    return { score: (rows) => Promise.resolve(rows.map(score)), close: () => Promise.resolve() }
  }
  const program = await runtime.open(artifact.recommendOnnx)
  checkProgram(program, served)
  return {
    score: (rows) => scoreRows(program, rows, { served, added: new Float32Array(0) }),
    close: () => program.close(),
  }
}
