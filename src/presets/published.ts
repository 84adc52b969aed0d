import type { TrainOptions } from '../train/index.ts'

/** A part by its kind, as a config or an artifact writes it. */
interface Part {
  readonly kind: string
  readonly options?: Readonly<Record<string, number | string | boolean>>
}

/** A model and its training as a paper (or its authors' code) has them, as data. */
export interface Published {
  readonly paper: string
  /** What is not as published, and why. */
  readonly differs: string
  readonly model: {
    readonly masking: Part
    readonly block: Part
    readonly heads: readonly Part[]
    readonly maxLength: number
  }
  readonly train: Pick<TrainOptions, 'epochs' | 'batchSize' | 'patience' | 'optimizer' | 'schedule'>
}

const CAUSAL: Part = { kind: 'causal' }
const nextItem = (options: NonNullable<Part['options']>): readonly Part[] => [{ kind: 'next-item', options }]

/** A norm that no gradient reaches: JSON has no infinity. */
const UNCLIPPED = 1e9

/** Adam as SASRec and those after it have it: no decay, no clipping. */
const ADAM = { learningRate: 1e-3, beta2: 0.98, weightDecay: 0, clipNorm: UNCLIPPED }

/** Settings for MovieLens 1M where a paper has several. A new one has its one entry here, and a row in docs/blocks.md. */
export const published = {
  sasrec: {
    paper: 'Kang and McAuley 2018, Self-Attentive Sequential Recommendation',
    differs: 'the norm stands on the branch; negatives are drawn for each label from the whole catalogue',
    model: {
      masking: CAUSAL,
      block: {
        kind: 'sasrec',
        options: { width: 50, layers: 2, heads: 1, dropout: 0.2, expansion: 1, activation: 'relu' },
      },
      heads: nextItem({ loss: 'bce', negatives: 1, prior: false }),
      maxLength: 200,
    },
    train: { epochs: 200, batchSize: 128, patience: 20, optimizer: ADAM },
  },
  gsasrec: {
    paper: 'Petrov and Macdonald 2023, gSASRec: Reducing Overconfidence in Sequential Recommendation',
    differs: 'an epoch is all sessions, not 100 batches',
    model: {
      masking: CAUSAL,
      block: {
        kind: 'sasrec',
        options: { width: 128, layers: 2, heads: 1, dropout: 0.5, expansion: 1, activation: 'relu' },
      },
      heads: nextItem({
        loss: 'gbce',
        negatives: 256,
        calibration: 0.75,
        prior: false,
        tieWeights: false,
      }),
      maxLength: 200,
    },
    train: { epochs: 2000, batchSize: 128, patience: 200, optimizer: { ...ADAM, beta2: 0.999 } },
  },
  bert4rec: {
    paper: 'Sun et al. 2019, BERT4Rec: Sequential Recommendation with Bidirectional Encoder Representations',
    differs:
      'a linear layer stands before the scores, without GELU and norm; one random masking of a session a pass, not ten',
    model: {
      masking: { kind: 'masked', options: { probability: 0.2 } },
      block: { kind: 'bert', options: { width: 64, layers: 2, heads: 2, dropout: 0.2 } },
      heads: nextItem({ bias: true, projection: 'linear' }),
      maxLength: 200,
    },
    train: {
      epochs: 400,
      batchSize: 256,
      patience: 40,
      optimizer: { learningRate: 1e-3, weightDecay: 0.01, clipNorm: 5 },
      schedule: { warmup: 100, decay: 'linear' },
    },
  },
  gru4rec: {
    paper: 'Hidasi and Karatzoglou 2018, Recurrent Neural Networks with Top-k Gains',
    differs: 'batches hold whole sessions',
    model: {
      masking: CAUSAL,
      block: { kind: 'gru', options: { width: 224, layers: 1, dropout: 0 } },
      heads: nextItem({
        loss: 'sampled-softmax',
        correctTarget: true,
        negatives: 2048,
        negativesFrom: 'mixed',
        distribution: 'frequency',
        power: 0.5,
        bias: true,
      }),
      maxLength: 50,
    },
    train: {
      ...{ epochs: 20, batchSize: 80, patience: 5 },
      optimizer: { kind: 'adagrad', learningRate: 0.05, epsilon: 1e-6, clipNorm: UNCLIPPED },
    },
  },
  esasrec: {
    paper:
      'Tikhonovich et al. 2025, eSASRec: Enhancing Transformer-based Recommendations in a Modular Fashion',
    differs: 'negatives are drawn for the batch, not for each label',
    model: {
      masking: CAUSAL,
      block: { kind: 'ligr', options: { width: 64, layers: 2, heads: 1, dropout: 0.2 } },
      heads: nextItem({ loss: 'sampled-softmax', negatives: 256, negativesFrom: 'shared' }),
      maxLength: 200,
    },
    train: { epochs: 200, batchSize: 128, patience: 50, optimizer: ADAM },
  },
  hstu: {
    paper: 'Zhai et al. 2024, Actions Speak Louder than Words: Trillion-Parameter Sequential Transducers',
    differs: 'the time of what is predicted is not known',
    model: {
      masking: CAUSAL,
      block: { kind: 'hstu', options: { width: 50, layers: 2, heads: 1, dropout: 0.2 } },
      heads: nextItem({
        ...{ loss: 'sampled-softmax', negatives: 128, negativesFrom: 'shared' },
        ...{ similarity: 'cosine', temperature: 0.05 },
      }),
      maxLength: 200,
    },
    train: { epochs: 101, batchSize: 128, patience: 101, optimizer: ADAM },
  },
  'hstu-large': {
    paper: 'Zhai et al. 2024, Actions Speak Louder than Words: Trillion-Parameter Sequential Transducers',
    differs: 'as hstu',
    model: {
      masking: CAUSAL,
      block: { kind: 'hstu', options: { width: 50, layers: 8, heads: 2, dropout: 0.2 } },
      heads: nextItem({
        ...{ loss: 'sampled-softmax', negatives: 128, negativesFrom: 'shared' },
        ...{ similarity: 'cosine', temperature: 0.05 },
      }),
      maxLength: 200,
    },
    train: { epochs: 101, batchSize: 128, patience: 101, optimizer: ADAM },
  },
  lrurec: {
    paper: 'Yue et al. 2024, Linear Recurrent Units for Sequential Recommendation',
    differs: 'an epoch counts once, where the authors validate every few hundred batches',
    model: {
      masking: CAUSAL,
      block: { kind: 'lrurec', options: { width: 64, layers: 2, dropout: 0.2 } },
      heads: nextItem({ bias: true }),
      maxLength: 200,
    },
    train: {
      epochs: 500,
      batchSize: 128,
      patience: 20,
      optimizer: { learningRate: 1e-3, weightDecay: 0.01, clipNorm: 5 },
    },
  },
} as const satisfies Readonly<Record<string, Published>>

export type PresetName = keyof typeof published
export const presetNames = Object.keys(published).sort() as readonly PresetName[]
