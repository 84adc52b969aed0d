import type { Event } from '../workflow/event-values.ts'
import type { FittedWorkflow } from '../workflow/fitted-workflow.ts'
import type { WorkflowPast } from '../workflow/workflow-past.ts'
import type { NewItem } from './new-items.ts'
import type { Predictions } from './predictions.ts'
import type { RuleTrace } from './rule-trace.ts'
import type { ShopOptions } from './shop-options.ts'
import type { SimilarItems, SimilarOptions, SimilarTo } from './similar-items.ts'
import type { Source } from '../rules/index.ts'

export interface RecommendOptions extends ShopOptions {
  /** How many items, from 1 to the size of the catalogue. Default 10, or all where there are fewer. Of a model that scores items alone. */
  readonly k?: number
  /** Whether items of the session, of all its events, are left out. Default true. Of a model that scores items alone. */
  readonly excludeSeen?: boolean
  /** What features that look at other sessions look at: see `createPast`. Needed where `needsPast`. */
  readonly past?: WorkflowPast
}

export interface Recommendations {
  /** Best first, equal scores by the vocabulary's order; fewer than `k` where the session has seen the others, none where the model has no item head. */
  readonly items: readonly RecommendedItem[]
  /** Items of the session that the vocabulary does not know, each once: their events were skipped. */
  readonly unknown: readonly string[]
  /** What the other heads predict of what comes next, where the model has some and there is a known item to go by. */
  readonly predictions?: Predictions
  /**
   * Set where no known item was left to go by, or a baseline says nothing of any item: what stands in for the model. `similar`: items like those of the session, where there are some, with what is popular behind them. `popularity`: the
   * most popular items; without what a shop asks a score is the item's share of all events. Each item's `source` says the same of it.
   */
  readonly fallback?: 'similar' | 'popularity'
  /** An id of this answer, where a shop asks (see `ShopOptions`). */
  readonly attribution?: string
  /** What each rule did, where `dryRun` asks. */
  readonly trace?: readonly RuleTrace[]
}

export interface RecommendedItem {
  readonly item: string
  /** With what boosts added to it. Of a pinned or explored item that the model does not know it is 0; of a similar one a cosine, of a popular one its share of all events. */
  readonly score: number
  /** Where it comes from, where a shop asks. Else only `popular`, of an item that a baseline says nothing of: its score is 0. */
  readonly source?: Source
}

export interface Recommender {
  /** The column of an event that holds the item, and all that the workflow reads of an event. */
  readonly itemColumn: string
  readonly columns: readonly string[]
  /** The column of an event that holds its time; undefined where the model knows no times. */
  readonly timeColumn: string | undefined
  /** Number of items that can be recommended; 0 where the model has no item head. */
  readonly items: number
  /** Numbers of the vector of a session, and of an item (`loadEmbedder`); 0 where the model has no item head, and of a baseline. */
  readonly dimensions: number
  /** Names of the heads that `predictions` are of. */
  readonly heads: readonly string[]
  /** How many of the latest events the model reads; of a baseline, which reads all, the largest safe integer. */
  readonly maxLength: number
  /** Whether `addItems` takes items that the model has not been trained with. */
  readonly takesNewItems: boolean
  /** Names of the vectors that a new item is to have (`inputs.content.vectors`). */
  readonly contentVectors: readonly string[]
  /** Whether the workflow has features that look at other sessions, such as `recentCount`. */
  readonly needsPast: boolean
  /** An empty past, to be told of all events as they happen, those of live sessions too, and given to `recommend`. */
  readonly createPast: FittedWorkflow['createPast']
  /** A past that was told of all events of a source, such as the log of the last day. Node only; throws what reading events throws. */
  readonly readPast: FittedWorkflow['readPast']
  /**
   * What comes next after these events, oldest first: raw ids in, raw ids out, and what the other heads predict. Calls that come together are scored together.
   *
   * Rejects with `COLUMN_MISSING` for an event without an item, `COLUMN_INVALID` for a value that is no string or finite number,
   * `OPTION_UNKNOWN`, `OPTION_INVALID`, `CLOSED`, `ARTIFACT_INVALID` where the graph does not give what the manifest says, and `RUNTIME_FAILED` where scoring failed; the next
   * call starts afresh.
   */
  recommend(events: readonly Event[], options?: RecommendOptions): Promise<Recommendations>
  /**
   * The vector of a session [size], whose products with those of items (`loadEmbedder`) are their scores: what to search a vector store with. Undefined where no known item is left to go by. Rejects as
   * `recommend` does, with `ARTIFACT_INVALID` for artifacts before format version 4 and models that score no items, and with `OPTION_INVALID` of a baseline.
   */
  embed(events: readonly Event[], options?: Pick<RecommendOptions, 'past'>): Promise<Float32Array | undefined>
  /**
   * Items like one by the vectors of the model (`loadEmbedder`), of items that were added, too; or what is near the vector of a session, which is what the model scores highest. Undefined where the
   * model knows neither the item nor one of the session, or is a baseline that says nothing of any other: that has no vectors, and answers by its own scores, of an item by those after a session of that
   * one alone. It runs in the worker; the first call takes memory for the vectors once more.
   *
   * Rejects as `recommend` does, and with `OPTION_INVALID` for a model that scores no items, and a filter without a catalogue.
   */
  similar(to: SimilarTo, options?: SimilarOptions): Promise<SimilarItems | undefined>
  /** Throws `COLUMN_INVALID` where `recommend` could not read a value of this event: to be asked before an event is kept. */
  checkEvent(event: Event): void
  /** Whether the model has a vector of an item: of training, or added; also of one that was removed. */
  knows(item: string): boolean
  /** Whether an item was taken out by `removeItems`. */
  isRemoved(item: string): boolean
  /**
   * Adds items that the catalogue has got since training, by what is known of them: each has a score from the next call on, and its events count in sessions. A new one that
   * is there is given what is said of it now; one of training keeps its embedding, and one that was removed is there again. They are in the memory of this recommender alone. Of a model with `inputs.content`; items of the catalogue can be added again by any.
   *
   * Rejects with `COLUMN_MISSING` for one without an item, `COLUMN_INVALID` as `recommend` does, `SHAPE_MISMATCH` for vectors that are not those of the model, `OPTION_INVALID` for more
   * than 10,000 new ones or a model without content.
   */
  addItems(items: readonly NewItem[]): Promise<void>
  /** As `addItems`, and rejects as it does; what it resolves to adds them, and cannot fail any more. So items are added to several recommenders, or to none. */
  prepareItems(items: readonly NewItem[]): Promise<() => void>
  /** Takes items out of what is recommended from the next call on. Their events still count in sessions. Throws `OPTION_INVALID` for one that there is none of. */
  removeItems(items: readonly string[]): void
  /** Answers the calls that were made before, then frees everything. */
  close(): Promise<void>
}
