import type { SplitSessions } from '../src/data/index.ts'
import { evaluateRanking, modelScorer } from '../src/evaluate/index.ts'
import type { Model } from '../src/model.ts'
import { train, type TrainOptions } from '../src/train/index.ts'
import { note } from './flags.ts'

/** What is trained on, and measured on. */
export type Parts = Pick<SplitSessions, 'train' | 'validation' | 'test'>

/** A model at its best epoch by validation. */
export interface Measured {
  readonly validation: number
  /** On the test part, with its standard error. */
  readonly ndcg: number
  readonly error: number
  readonly recall: number
  readonly epoch: number
  readonly secondsAnEpoch: number
}

/** Trains it, telling of each epoch under the name, and ranks the test part. */
export async function measure(
  name: string,
  made: Model,
  parts: Parts,
  options: TrainOptions & Required<Pick<TrainOptions, 'runtime'>>,
): Promise<Measured> {
  const { weights, history, best } = await train(made, parts.train, {
    ...options,
    validation: parts.validation,
    callbacks: [
      {
        onEpoch: ({ epoch, loss, validation, seconds }) => {
          note(
            `${name}, epoch ${epoch}: loss ${loss.toFixed(3)}, ndcg@10 ${validation!['ndcg@10']!.toFixed(4)}, ${seconds.toFixed(1)} s`,
          )
        },
      },
    ],
  })
  const scorer = await modelScorer(made, options.runtime, weights)
  const result = await evaluateRanking(scorer, parts.test, {
    ks: [10],
    filterSeen: options.filterSeen ?? true,
  })
  await scorer.close()
  return {
    validation: best!.metric,
    ndcg: result['ndcg@10']!,
    error: result.standardErrors['ndcg@10']!,
    recall: result['recall@10']!,
    epoch: best!.epoch,
    secondsAnEpoch: history.reduce((sum, one) => sum + one.seconds, 0) / history.length,
  }
}
