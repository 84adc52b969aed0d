import { RESERVED } from '../codes.ts'
import { EnsuiteError } from '../errors.ts'
import {
  add,
  concat,
  full as filled,
  gather,
  gemm,
  mean,
  mul,
  reshape,
  slice,
  tanh,
  type Tensor,
} from '../graph/index.ts'
import { LARGE_TABLE, linear, normal, table, zeros, type Scope } from '../nn/index.ts'
import { checkBoolean, checkChoice, checkNumber, checkOptions, refuseUseless, without } from '../options.ts'
import type { HeadStates, HeadTargets, ItemHead } from './head.ts'
import { unitLength } from './unit-length.ts'
import {
  lossOptionNames,
  losses,
  type AnyLossOptions,
  type LossKind,
  type NegativesKind,
  type NextItemLoss,
} from './losses/index.ts'

/** Beside these, the options of the loss itself (`losses[kind].options`), such as `temperature` and `labelSmoothing`. */
export interface NextItemOptions extends AnyLossOptions {
  /** Score with the item embeddings themselves (the default), or with a table of the head's own. */
  readonly tieWeights?: boolean
  /** Of its loss beside that of other heads; default 1. */
  readonly weight?: number
  /** Default `full-softmax`. All others learn from a sample of items that are not the target, and suit large catalogues. */
  readonly loss?: LossKind
  /** Number of negatives of a loss that takes some; default 256. */
  readonly negatives?: number
  /** Drawn once for the batch (`shared`), for each label (`each`), the targets of the batch's other sessions (`batch`), or these and shared ones (`mixed`); default: the first that the loss's paper has. */
  readonly negativesFrom?: NegativesKind
  /** What negatives are drawn by; default `uniform`. `log-uniform` expects codes by falling frequency, `frequency` measures it in what is trained on. */
  readonly distribution?: 'uniform' | 'log-uniform' | 'frequency'
  /** Of the counts, with `frequency`: from 0 to 1, default 0.75. */
  readonly power?: number
  /** Whether each item has a score of its own, learnt beside its embedding; default false. */
  readonly bias?: boolean
  /**
   * What scores are made of: products of states and item embeddings (`dot`, the default), or the cosines of their angles, so that an item's score does not grow with the length that training gave it, which
   * follows how often it was seen (Gupta et al. 2019, NISER; Hou et al. 2022, CORE). The default temperature is then 1/16.
   */
  readonly similarity?: 'dot' | 'cosine'
  /** A layer between the states and the scores; default `linear` where items have another width than the states, else `none`. */
  readonly projection?: 'none' | 'linear' | 'tanh'
}

const OWN = [
  ...['tieWeights', 'weight', 'loss', 'negatives', 'negativesFrom', 'distribution', 'power', 'bias'],
  ...['similarity', 'projection'],
]

/** Predicts the next item over the whole catalogue. Padding and unknown are never scored. Throws `OPTION_INVALID` also for an option that the loss does not have. */
export function nextItem(options: NextItemOptions = {}): ItemHead {
  const { full, saved, loss, lossOptions } = checked(options)
  const isSampled = loss.negatives.length > 0
  const unit = full.similarity === 'cosine'
  const sized = (rows: Tensor): Tensor => (unit ? unitLength(rows) : rows)
  const itemTable = (scope: Scope, states: Pick<HeadStates, 'itemTable'>): Tensor => {
    const [items, width] = states.itemTable.shape as [number, number]
    if (full.tieWeights) return states.itemTable
    return table(scope, items, width, {
      initializer: normal(0.02),
      update: updateOf(items),
      byCode: true,
    })
  }
  const updateOf = (items: number): 'rows' | 'dense' => (isSampled && items >= LARGE_TABLE ? 'rows' : 'dense')
  const biasOf = (scope: Scope, items: number): Tensor | undefined =>
    full.bias
      ? scope.parameter('item_bias', [items], zeros, { decay: false, update: updateOf(items), byCode: true })
      : undefined
  /** Table, bias and projected states: [items, item width], [items], [n, item width]. */
  const parts = (scope: Scope, states: HeadStates) => {
    const own = itemTable(scope, states)
    const [items, width] = own.shape as [number, number]
    const { projection = states.hidden.shape[1] === width ? 'none' : 'linear' } = full
    if (projection === 'none' && states.hidden.shape[1] !== width)
      throw new EnsuiteError(
        'OPTION_INVALID',
        `heads.nextItem: items have width ${width} and the states ${states.hidden.shape[1]!}. Choose projection 'linear' or 'tanh'.`,
      )
    const projected =
      projection === 'none' ? states.hidden : linear(scope.child('projection'), states.hidden, width)
    return {
      table: own,
      bias: biasOf(scope, items),
      hidden: sized(projection === 'tanh' ? tanh(projected) : projected),
    }
  }
  const scale = 1 / (full.temperature ?? 1)
  const scored = (hidden: Tensor, rows: Tensor, bias: Tensor | undefined): Tensor => {
    const scores = gemm(hidden, rows, { transposeB: true, alpha: scale })
    return bias === undefined ? scores : add(scores, mul(bias, scale))
  }
  return Object.freeze<ItemHead>({
    kind: 'next-item',
    options: { ...saved },
    name: 'next-item',
    weight: full.weight,
    predicts: 'labels',
    readsAllItems: full.tieWeights && !isSampled,
    loss: (scope: Scope, states: HeadStates, { items: targets, sessions }: HeadTargets) => {
      const { table, bias, hidden } = parts(scope, states)
      const inputs = { table, unit, hidden, targets, ...(bias && { bias }) }
      if (!isSampled) return mean(loss.loss(inputs, lossOptions))
      const { negativesFrom: kind, negatives: count, distribution, power } = full as Sampled
      const drawn = scope.negatives({
        ...{ kind, count, distribution, power },
        items: (table.shape[0] as number) - RESERVED,
      })
      const correct = loss.corrects
      return mean(
        loss.loss(
          {
            ...inputs,
            negatives:
              kind === 'batch'
                ? { kind }
                : { kind, codes: drawn.codes!, ...(correct && { logQ: drawn.logQ! }) },
            ...((kind === 'batch' || kind === 'mixed') && { sessions: sessions() }),
            ...(correct && { targetLogQ: drawn.targetLogQ }),
          },
          lossOptions,
        ),
      )
    },
    predictions: (scope: Scope, states: HeadStates) => {
      const { table, bias, hidden } = parts(scope, states)
      const items = (x: Tensor): Tensor => slice(x, { axis: 0, start: RESERVED })
      return scored(hidden, sized(items(table)), bias && items(bias))
    },
    scoresOf: (scope: Scope, states: HeadStates, codes: Tensor) => {
      const { table, bias, hidden } = parts(scope, states)
      return scored(hidden, sized(gather(table, codes)), bias && gather(bias, codes))
    },
    queries: (scope: Scope, states: HeadStates) => {
      const { bias, hidden } = parts(scope, states)
      const queries = scale === 1 ? hidden : mul(hidden, scale)
      if (bias === undefined) return queries
      return concat([queries, filled([hidden.shape[0]!, 1], scale)], { axis: 1 })
    },
    itemVectors: (scope: Scope, states: Pick<HeadStates, 'itemTable'>) => {
      const own = itemTable(scope, states)
      const bias = biasOf(scope, own.shape[0] as number)
      const items = (x: Tensor): Tensor => slice(x, { axis: 0, start: RESERVED })
      const vectors = sized(items(own))
      if (bias === undefined) return vectors
      return concat([vectors, reshape(items(bias), [-1, 1])], { axis: 1 })
    },
    scoresOfAdded: (scope: Scope, states: HeadStates, added: Tensor) => {
      if (!full.tieWeights)
        throw new EnsuiteError(
          'OPTION_INVALID',
          'heads.nextItem: a head with a table of its own (tieWeights false) cannot score new items. Leave it out, or inputs.content.',
        )
      return scored(parts(scope, states).hidden, sized(added), undefined)
    },
  })
}

/** Of cosines, which are between -1 and 1: the scale 16 that NISER has for its data. */
const COSINE_TEMPERATURE = 1 / 16

type Full = NextItemOptions &
  Required<Pick<NextItemOptions, 'tieWeights' | 'weight' | 'loss' | 'bias' | 'similarity'>>
type Sampled = Full &
  Required<Pick<NextItemOptions, 'negatives' | 'negativesFrom' | 'distribution' | 'power'>>

/** Options as they are saved: those that the loss has, and no others. */
function checked(options: NextItemOptions) {
  checkOptions('heads.nextItem', options, [...OWN, ...lossOptionNames])
  const { loss: kind = 'full-softmax' } = options
  checkChoice('heads.nextItem: loss', kind, Object.keys(losses))
  const loss: NextItemLoss = losses[kind]
  const isSampled = loss.negatives.length > 0
  const misplaced = [
    ...lossOptionNames.filter((name) => !Object.hasOwn(loss.options, name)),
    ...(isSampled ? [] : (['negatives', 'negativesFrom', 'distribution', 'power'] as const)),
  ].find((name) => options[name] !== undefined)
  if (misplaced !== undefined)
    throw new EnsuiteError(
      'OPTION_INVALID',
      `heads.nextItem: the loss '${kind}' has no ${misplaced}. Choose another loss, or leave it out.`,
    )
  const { negativesFrom = loss.negatives[0], distribution = 'uniform' } = options
  const useless = !isSampled
    ? []
    : negativesFrom === 'batch'
      ? ['negatives', 'distribution', 'power']
      : distribution === 'frequency'
        ? []
        : ['power']
  refuseUseless(
    'heads.nextItem',
    options,
    useless,
    negativesFrom === 'batch' ? "negativesFrom 'batch'" : `distribution '${distribution}'`,
  )
  const given = Object.fromEntries(
    lossOptionNames.flatMap((name) => (options[name] === undefined ? [] : [[name, options[name]] as const])),
  )
  const { similarity = 'dot' } = options
  checkChoice('heads.nextItem: similarity', similarity, ['dot', 'cosine'])
  const lossOptions = loss.resolve({
    ...(similarity === 'cosine' && { temperature: COSINE_TEMPERATURE }),
    ...given,
  })
  const full: Full = {
    ...{ tieWeights: true, weight: 1, bias: false, similarity },
    ...(isSampled && { negatives: 256, negativesFrom, distribution, power: 0.75 }),
    ...options,
    ...lossOptions,
    loss: kind,
  }
  checkNumber('heads.nextItem: weight', full.weight, { min: 0 })
  for (const name of ['tieWeights', 'bias'] as const) checkBoolean(`heads.nextItem: ${name}`, full[name])
  if (full.projection !== undefined)
    checkChoice('heads.nextItem: projection', full.projection, ['none', 'linear', 'tanh'])
  if (isSampled) {
    const { negatives, negativesFrom, distribution, power } = full as Sampled
    checkNumber('heads.nextItem: negatives', negatives, { integer: true, min: 1, max: 1_000_000 })
    checkChoice('heads.nextItem: negativesFrom', negativesFrom, loss.negatives)
    checkChoice('heads.nextItem: distribution', distribution, ['uniform', 'log-uniform', 'frequency'])
    checkNumber('heads.nextItem: power', power, { min: 0, max: 1 })
  }
  return { full, saved: without(full, useless), loss, lossOptions }
}
