import { expect, test } from 'vitest'
import { blockKinds } from '../blocks/index.ts'
import type { Sessions } from '../data/index.ts'
import { floors, type RankingResult } from '../evaluate/index.ts'
import { nodeRuntime } from '../graph/node.ts'
import type { LossKind } from '../heads/index.ts'
import { createRandom } from '../random.ts'
import { ITEMS, randomSessions, sessionsOf, tinyModel, type TinyOptions } from './tiny-model.test-support.ts'
import { train } from './train.ts'

const runtime = nodeRuntime({ threads: 2 })
const SHARE = 0.8
/** Hundreds of epochs on a busy machine, in milliseconds. */
const PATIENCE = 300_000

/** Sessions in which the next item follows from the last in four cases of five, and is any item else. */
function planted(count: number, seed: number): readonly (readonly number[])[] {
  const random = createRandom(seed, 5)
  return randomSessions(count, seed, (item) =>
    random.uniform() < SHARE ? (item * 7 + 3) % ITEMS : random.below(ITEMS),
  )
}

/** The same items and lengths in any order. */
function shuffled(sessions: Sessions, seed: number): Sessions {
  const items = sessions.items.slice()
  createRandom(seed).shuffle(items)
  return { ...sessions, items }
}

interface Learnt {
  /** Of the last epoch, on the sessions that are learnt from. */
  readonly loss: number
  readonly ndcg: number
  readonly popularity: RankingResult
  readonly markov: RankingResult
}

async function learn(
  options: TinyOptions,
  training: Sessions,
  validation: Sessions,
  epochs = 12,
): Promise<Learnt> {
  const { history } = await train(tinyModel(options), training, {
    runtime,
    validation,
    epochs,
    batchSize: 32,
    seed: 2,
    optimizer: { learningRate: 0.01 },
    filterSeen: false,
    // A model may stand still for a while before it finds out what counts.
    patience: epochs,
  })
  const last = history.at(-1)!
  const own = await floors(training, validation, { items: ITEMS, maxLength: 8, ks: [10], filterSeen: false })
  return { loss: last.loss, ndcg: last.validation!['ndcg@10']!, ...own }
}

/** Entropy of the next item, in nats: where it is known in `SHARE` of all cases and any item else. */
const rest = (1 - SHARE) / ITEMS
const plantedEntropy = -(SHARE + rest) * Math.log(SHARE + rest) - (ITEMS - 1) * rest * Math.log(rest)
const uniformEntropy = Math.log(ITEMS)

test.each(['sasrec', 'gpt2'] as const)(
  '%s learns what is planted, and nothing where nothing is',
  async (block) => {
    const [training, validation] = [sessionsOf(planted(600, 1)), sessionsOf(planted(400, 2))]
    const learnt = await learn({ block }, training, validation)
    expect(learnt.loss).toBeLessThan(plantedEntropy + 0.4)
    expect(learnt.loss).toBeGreaterThan(plantedEntropy - 0.2)
    expect(learnt.loss).toBeLessThan(uniformEntropy - 1.5)
    // As good as counting transitions, which is all that there is to know.
    expect(learnt.ndcg).toBeGreaterThan(learnt.markov['ndcg@10']! - 0.03)
    expect(learnt.ndcg).toBeGreaterThan(2 * learnt.popularity['ndcg@10']!)

    const nothing = await learn({ block }, shuffled(training, 3), shuffled(validation, 4))
    const error = nothing.popularity.standardErrors['ndcg@10']!
    expect(nothing.ndcg).toBeLessThan(nothing.popularity['ndcg@10']! + 3 * error)
    expect(nothing.loss).toBeGreaterThan(uniformEntropy - 0.5)
  },
)

/** Whatever the masking and the loss: near what counting transitions gives, and nothing where there is nothing. */
async function expectLearning(options: TinyOptions, epochs: number): Promise<void> {
  const [training, validation] = [sessionsOf(planted(600, 1)), sessionsOf(planted(400, 2))]
  const learnt = await learn(options, training, validation, epochs)
  expect(learnt.ndcg).toBeGreaterThan(0.85 * learnt.markov['ndcg@10']!)
  expect(learnt.ndcg).toBeGreaterThan(2 * learnt.popularity['ndcg@10']!)
  const nothing = await learn(options, shuffled(training, 3), shuffled(validation, 4), 6)
  const error = nothing.popularity.standardErrors['ndcg@10']!
  expect(nothing.ndcg).toBeLessThan(nothing.popularity['ndcg@10']! + 4 * error)
}

/** Epochs that a block needs, where not 20: positions of their own make BERT and its relatives slower to find out that the event before counts; ALBERT has one layer more below. */
const slow: Readonly<Record<string, number>> = {
  albert: 280,
  bert: 100,
  distilbert: 100,
  electra: 100,
  llama: 120,
  longformer: 100,
  roberta: 140,
}

/** A new block has its line here, with a masking that it goes with. */
const learners: readonly (readonly [
  NonNullable<TinyOptions['block']>,
  NonNullable<TinyOptions['masking']>,
])[] = [
  ['albert', 'masked'],
  ['bert', 'masked'],
  ['bert', 'replaced'],
  ['distilbert', 'masked'],
  ['electra', 'replaced'],
  ['gru', 'causal'],
  ['gru', 'masked'],
  ['hstu', 'causal'],
  ['ligr', 'causal'],
  ['llama', 'causal'],
  ['llama', 'masked'],
  ['llama', 'replaced'],
  ['lrurec', 'causal'],
  ['longformer', 'masked'],
  ['lstm', 'causal'],
  ['lstm', 'replaced'],
  ['mamba2', 'causal'],
  ['roberta', 'masked'],
  ['tisasrec', 'causal'],
  ['transfoxl', 'causal'],
  ['xlnet', 'causal'],
  ['xlnet', 'masked'],
  ['xlnet', 'permuted'],
  ['xlnet', 'replaced'],
]

test('every block learns here', () => {
  const tried = ['sasrec', 'gpt2', ...learners.map(([block]) => block)]
  expect(
    blockKinds.filter((kind) => !tried.includes(kind)),
    'Add a line to `learners` in src/train/learning.test.ts.',
  ).toEqual([])
})

test.each(learners)(
  '%s learns with masking %s',
  (block, masking) => expectLearning({ block, masking }, slow[block] ?? 20),
  PATIENCE,
)

/** Each loss, as it is tried; the blocks above learn by the first. */
const heads: Readonly<Record<LossKind, readonly NonNullable<TinyOptions['head']>[]>> = {
  'full-softmax': [{ loss: 'full-softmax', labelSmoothing: 0.1 }],
  'sampled-softmax': [
    { loss: 'sampled-softmax', negatives: 8 },
    { loss: 'sampled-softmax', negatives: 8, negativesFrom: 'mixed', distribution: 'frequency' },
  ],
  bce: [
    { loss: 'bce', negatives: 1 },
    { loss: 'bce', negativesFrom: 'batch' },
  ],
  gbce: [{ loss: 'gbce', negatives: 8 }],
  bpr: [{ loss: 'bpr', negatives: 4 }],
  'bpr-max': [{ loss: 'bpr-max', negatives: 8 }],
  'top1-max': [{ loss: 'top1-max', negatives: 8 }],
}

test.each(Object.values(heads).flat())('the loss $loss learns', (head) =>
  expectLearning({ head: { bias: true, ...head } }, 20),
)
