import { bce } from './bce.ts'
import { bprMax } from './bpr-max.ts'
import { bpr } from './bpr.ts'
import { fullSoftmax } from './full-softmax.ts'
import { gbce } from './gbce.ts'
import { sampledSoftmax } from './sampled-softmax.ts'
import { top1Max } from './top1-max.ts'
import type { Values } from './loss.ts'

export type { LossInputs, Negatives, NegativesKind, NextItemLoss, NumberOption } from './loss.ts'

/** Every loss of the next item, by its kind. A new loss has its one line here. */
export const losses = Object.freeze({
  'full-softmax': fullSoftmax,
  'sampled-softmax': sampledSoftmax,
  bce,
  gbce,
  bpr,
  'bpr-max': bprMax,
  'top1-max': top1Max,
})

export type LossKind = keyof typeof losses
/** The options of one loss, all optional. */
export type LossOptions<Kind extends LossKind> = Partial<Values<(typeof losses)[Kind]['options']>>

type Intersection<Union> = (Union extends unknown ? (each: Union) => void : never) extends (
  all: infer All,
) => void
  ? All
  : never
/** The options of all losses together. */
export type AnyLossOptions = Intersection<{ [Kind in LossKind]: LossOptions<Kind> }[LossKind]>

/** The names of the options of all losses. */
export const lossOptionNames = [
  ...new Set(Object.values(losses).flatMap(({ options }) => Object.keys(options))),
] as readonly (keyof AnyLossOptions)[]
