import type { Tensor } from '../graph/index.ts'
import type { Scope } from '../nn/index.ts'

/** The states of whole sessions, their places from the first on. */
export interface SessionStates {
  /** [sessions, places, width]. */
  readonly hidden: Tensor
  /** [sessions, places] float32: 1 where the session has a place, else 0. */
  readonly present: Tensor
}

/** What a head predicts from. */
export interface HeadStates {
  /** States at the labels: [labels, width]. In recommending there is one label a session: what comes next. */
  readonly hidden: Tensor
  /** Of whole sessions; a head that reads them is told once a session. */
  readonly sessions: SessionStates
  /** The item embeddings, those of reserved codes included: [items, width]. */
  readonly itemTable: Tensor
}

/** What a head is to have predicted. */
export interface HeadTargets {
  /** Item codes: [labels] int32. */
  readonly items: Tensor
  /** Of which session each label is: [labels] int32, a number from 0, the same in one session and in no other. */
  readonly sessions: () => Tensor
  /** A feature of each label's event: [labels]. */
  ofLabels(column: string): Tensor
  /** A feature of each session's last event: [sessions]. */
  ofSessions(column: string): Tensor
}

/** What turns hidden states into a loss and into predictions. */
export interface Head {
  readonly kind: string
  readonly options: Readonly<Record<string, number | string | boolean>>
  /** Under which its parameters and predictions are known; each head of a model has its own. */
  readonly name: string
  /** Of its loss in the sum over all heads. */
  readonly weight: number
  /** The feature that it predicts; undefined for the item. */
  readonly target?: string
  /** How many values its target has, where it predicts a probability of each: class i is the code i + reserved. */
  readonly classes?: number
  /** Whether it predicts something of every label's event, or of the session once. */
  readonly predicts: 'labels' | 'sessions'
  /** What is wrong with targets that it cannot learn from, to be asked of every batch; default: nothing ever. Values as they are in the sessions, NaN where a number is missing. */
  refusal?(values: Int32Array | Float32Array): string | undefined
  /** Whether its loss reads the whole item table, so that all of its rows are updated. */
  readonly readsAllItems: boolean
  /** The mean loss, a scalar. */
  loss(scope: Scope, states: HeadStates, targets: HeadTargets): Tensor
  /** For each label or session: scores of the items [n, items − reserved], a probability [n], probabilities [n, classes], or an amount [n]. */
  predictions(scope: Scope, states: HeadStates): Tensor
}

/** The head that scores items. */
export interface ItemHead extends Head {
  readonly kind: 'next-item'
  /** Scores of some items: hidden [n, width], codes [candidates] → [n, candidates]. */
  scoresOf(scope: Scope, states: HeadStates, codes: Tensor): Tensor
  /**
   * What scores are products of: [n, size] of states, and `itemVectors`. One number more than an item's embedding has where each item has a score of its own, so that a
   * vector database gives what the model would.
   */
  queries(scope: Scope, states: HeadStates): Tensor
  /** [items − reserved, size]. */
  itemVectors(scope: Scope, states: Pick<HeadStates, 'itemTable'>): Tensor
  /** Scores of items that the catalogue has got since, by their embeddings: hidden [n, width], added [m, item width] → [n, m]. Of a head that scores with the item embeddings. */
  scoresOfAdded(scope: Scope, states: HeadStates, added: Tensor): Tensor
}
