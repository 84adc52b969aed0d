import type { Baseline } from '../baselines/index.ts'
import type { BaselineOutcome } from './baseline-run.ts'
import { protocolLine, rankingTable, type Output } from './output.ts'
import { duration } from './progress.ts'

/** What `train --baseline` says at its end: as of a model. */
export function baselineResult(
  { test, ks, seconds }: BaselineOutcome,
  { baseline: { kind, options }, out }: { readonly baseline: Baseline; readonly out: string },
  output: Output,
): void {
  const { model, floors, split } = test
  output.result(
    { artifact: out, seconds, baseline: { kind, options }, test: { ...model, floors, split } },
    () =>
      [
        rankingTable({ [kind]: model, markov: floors.markov, popularity: floors.popularity }, [
          `ndcg@${ks[0]!}`,
          `recall@${ks[0]!}`,
        ]),
        `Test: ${protocolLine(model, split)}.`,
        `Fitted in ${duration(seconds)}. Saved to ${out}`,
      ].join('\n'),
  )
}
