import { gpt2, gru, xlnet } from '../../src/blocks/index.ts'
import { nextItem } from '../../src/heads/index.ts'
import { causal, masked, permuted, replaced } from '../../src/masking/index.ts'
import { model, type Model, type ModelOptions } from '../../src/model.ts'
import type { ModelInputs } from '../../src/workflow/index.ts'

/** What Transformers4Rec's paper has of a model on G1: its Table 2, and the settings of its Appendix C (its table, where the commands beside it differ). */
export interface Published {
  readonly title: string
  /** Averaged over the hours. */
  readonly paper: { readonly ndcg: number; readonly hr: number }
  /** Whether it reads side information beside the item. */
  readonly sides?: boolean
  readonly build: (schema: ModelInputs, changed: Changed) => Model
  readonly batchSize: number
  readonly rate: number
  readonly weightDecay: number
}

/** What a run may set otherwise than the paper. */
export interface Changed {
  readonly width?: number | undefined
  readonly itemWidth?: number | undefined
  readonly layers?: number | undefined
  readonly heads?: number | undefined
  readonly smoothing?: number | undefined
  readonly deviation?: number | undefined
  /** Of what is read of the items. */
  readonly inputDropout?: number | undefined
  /** Share of the events that a masking hides. */
  readonly probability?: number | undefined
  /** A softmax over so many items, drawn for each batch, in place of one over all of them. Labels are then not smoothed. */
  readonly negatives?: number | undefined
}

/** Sessions of the paper are cut to 20 events. */
const MAX_LENGTH = 20

interface Sizes {
  readonly width: number
  readonly itemWidth: number
  readonly layers: number
  readonly heads: number
  readonly smoothing: number
  /** Of the starting values of the tables. */
  readonly deviation: number
}

const sized = (own: Sizes, { width, itemWidth, layers, heads, smoothing, deviation }: Changed): Sizes => ({
  ...own,
  ...Object.fromEntries(
    Object.entries({ width, itemWidth, layers, heads, smoothing, deviation }).filter(
      ([, value]) => value !== undefined,
    ),
  ),
})

/** Scores with the item embeddings, after a layer with tanh where the states have another width, as the paper's code. */
const head = ({ smoothing, width, itemWidth }: Sizes, { negatives }: Changed) =>
  nextItem({
    projection: width === itemWidth ? 'none' : 'tanh',
    ...(negatives === undefined
      ? { labelSmoothing: smoothing }
      : { loss: 'sampled-softmax', negatives, negativesFrom: 'shared', distribution: 'uniform' }),
  })

/** What a run reads otherwise than the paper. */
const read = ({ inputDropout }: Changed): NonNullable<ModelOptions['inputs']> =>
  inputDropout === undefined ? {} : { dropout: inputDropout }

interface XlnetParts {
  readonly inputs: NonNullable<ModelOptions['inputs']>
  /** As published, or with this share hidden. */
  readonly masking: (probability?: number) => ModelOptions['masking']
  readonly dropout: number
}

/** XLNet of these sizes, with what its variants differ in. */
const ofXlnet =
  (own: Sizes, { inputs, masking, dropout }: XlnetParts): Published['build'] =>
  (schema, changed) => {
    const sizes = sized(own, changed)
    const { width, itemWidth, layers, heads, deviation } = sizes
    return model(schema, {
      inputs: { itemWidth, deviation, layerNorm: true, merge: [width], ...inputs, ...read(changed) },
      masking: masking(changed.probability),
      block: xlnet({ width, layers, heads, dropout }),
      heads: [head(sizes, changed)],
      maxLength: MAX_LENGTH,
    })
  }

export const published = {
  'gpt2-clm': {
    title: 'GPT-2 (CLM)',
    paper: { ndcg: 0.356, hr: 0.662 },
    batchSize: 320,
    rate: 4.45e-4,
    weightDecay: 5.64e-5,
    build: (schema, changed) => {
      const sizes = sized(
        { width: 256, itemWidth: 448, layers: 1, heads: 1, smoothing: 0.2, deviation: 0.11 },
        changed,
      )
      const { width, itemWidth, layers, heads, deviation } = sizes
      return model(schema, {
        inputs: { itemWidth, deviation, layerNorm: true, swapNoise: 0.06, ...read(changed) },
        masking: causal(),
        block: gpt2({ width, layers, heads, dropout: 0.3 }),
        heads: [head(sizes, changed)],
        maxLength: MAX_LENGTH,
      })
    },
  },
  gru: {
    title: 'GRU (CLM)',
    paper: { ndcg: 0.3549, hr: 0.6632 },
    batchSize: 192,
    rate: 6.49e-4,
    weightDecay: 6.17e-5,
    build: (schema, changed) => {
      const sizes = sized(
        { width: 128, itemWidth: 448, layers: 1, heads: 1, smoothing: 0.7, deviation: 0.11 },
        changed,
      )
      const { width, itemWidth, layers, deviation } = sizes
      return model(schema, {
        inputs: { itemWidth, deviation, layerNorm: true, dropout: 0.4, swapNoise: 0.08, ...read(changed) },
        masking: causal(),
        block: gru({ width, layers, dropout: 0 }),
        heads: [head(sizes, changed)],
        maxLength: MAX_LENGTH,
      })
    },
  },
  'xlnet-mlm': {
    title: 'XLNet (MLM), item ids',
    paper: { ndcg: 0.3607, hr: 0.6605 },
    batchSize: 128,
    rate: 1.43e-4,
    weightDecay: 8.09e-5,
    build: ofXlnet(
      { width: 384, itemWidth: 384, layers: 4, heads: 8, smoothing: 0.3, deviation: 0.15 },
      {
        inputs: { swapNoise: 0.08 },
        masking: (probability = 0.3) => masked({ probability }),
        dropout: 0,
      },
    ),
  },
  'xlnet-rtd': {
    title: 'XLNet (RTD), item ids',
    paper: { ndcg: 0.3609, hr: 0.6611 },
    batchSize: 192,
    rate: 1.52e-4,
    weightDecay: 5.4e-5,
    build: ofXlnet(
      { width: 448, itemWidth: 384, layers: 2, heads: 8, smoothing: 0.3, deviation: 0.15 },
      {
        inputs: {},
        masking: (probability = 0.5) => replaced({ probability, discriminatorWeight: 1 }),
        dropout: 0,
      },
    ),
  },
  'xlnet-plm': {
    title: 'XLNet (PLM), item ids',
    paper: { ndcg: 0.3551, hr: 0.6634 },
    batchSize: 192,
    rate: 2.62e-4,
    weightDecay: 1.33e-6,
    build: ofXlnet(
      { width: 256, itemWidth: 448, layers: 1, heads: 1, smoothing: 0.8, deviation: 0.07 },
      {
        inputs: { dropout: 0.2 },
        masking: (probability = 0.5) => permuted({ probability, maxSpan: 4 }),
        dropout: 0.1,
      },
    ),
  },
  'xlnet-mlm-sides': {
    title: 'XLNet (MLM), side information, concatenated, soft one-hot',
    paper: { ndcg: 0.3675, hr: 0.6721 },
    sides: true,
    batchSize: 128,
    rate: 2.2e-4,
    weightDecay: 6.47e-6,
    build: ofXlnet(
      { width: 128, itemWidth: 384, layers: 4, heads: 16, smoothing: 0.4, deviation: 0.13 },
      {
        inputs: { dropout: 0.2, continuous: 'soft', soft: { vectors: 20, width: 10 } },
        masking: (probability = 0.2) => masked({ probability }),
        dropout: 0,
      },
    ),
  },
} satisfies Readonly<Record<string, Published>>
