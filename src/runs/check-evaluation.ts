import { checkShape, invalidRun } from './run-files.ts'
import { RunEvaluationSchema, type RunEvaluation } from './run-schemas.ts'

/** Throws `RUN_INVALID` for what is no evaluation of a run, naming the first place that is not as expected. */
export function checkEvaluation(where: string, evaluation: RunEvaluation): void {
  checkShape(where, evaluation, RunEvaluationSchema)
  checkFigures(where, evaluation)
}

/** Throws `RUN_INVALID` for figures outside their own intervals, and for other ranks than sessions. */
export function checkFigures(where: string, { figures, floors = {}, sessions, ranks }: RunEvaluation): void {
  for (const of of [figures, ...Object.values(floors)])
    for (const [name, { mean, low = mean, high = mean }] of Object.entries(of))
      if (low > mean || mean > high)
        throw invalidRun(
          `${where}: the mean ${mean} of ${name} is not inside its interval, ${low} to ${high}`,
        )
  if (ranks !== undefined && ranks.values.length !== Math.ceil(sessions / ranks.every))
    throw invalidRun(
      `${where}: ${ranks.values.length} ranks, of every ${ranks.every} sessions, are not those of ${sessions} sessions`,
    )
}
