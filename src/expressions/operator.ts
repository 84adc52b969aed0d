import type { Dialect } from './dialect.ts'
import type { Functions } from './functions.ts'
import type { Value, ValueType } from './value.ts'

/** Options as data: what JSON can hold. */
export type Json = null | boolean | number | string | readonly Json[] | { readonly [key: string]: Json }
export type Options = Readonly<Record<string, Json>>

/** What was learnt from events. JSON-safe. */
export interface State {
  /** The distinct keys, each as many texts as the operator has key inputs. */
  readonly keys: readonly (readonly string[])[]
  /** By name, a value a key. */
  readonly columns: Readonly<Record<string, readonly Value[]>>
  /** By name, a value for all events together. */
  readonly totals: Readonly<Record<string, Value>>
}

export interface SqlContext<Own extends Options = Options> {
  readonly dialect: Dialect
  readonly options: Own
  /** The types of the inputs. */
  readonly types: readonly ValueType[]
  /** A column of the state for the key of the row at hand, null where the key is not known; or a total. */
  readonly state: (name: string) => string
  /** The whole state. */
  readonly fitted: State
  /** Whether the rows are those of `fit`, to be trained on: what would tell an event its own target is left out then. Where only some are, the condition for them. */
  readonly training: boolean | string
}

export interface EventContext<Own extends Options = Options> {
  readonly options: Own
  readonly state: (name: string) => Value
  readonly fitted: State
  readonly functions: Functions
}

interface OperatorBase<Own extends Options> {
  readonly name: string
  /** Whether the result is always a whole number of 32 bits or missing, such as a code. */
  readonly whole?: true
  /** The type of the result. Throws `OPTION_INVALID` for inputs or options that do not go together. */
  readonly infer: (inputs: readonly ValueType[], options: Own) => ValueType
  /** Whether an input, by its place, may not be a constant of this type. Default: one of the inputs at least may not. */
  readonly varies?: (place: number, options: Own, type: ValueType) => boolean
}

/** Looks at one event alone. */
export interface EventOperator<Own extends Options = Options> extends OperatorBase<Own> {
  readonly scope: 'event'
  readonly fit?: Fit<Own>
  /** Of an operator whose result is a code: how many codes there are, `PADDING` and `UNKNOWN` included. */
  readonly codes?: (options: Own, state: State) => number
  readonly sql: (inputs: readonly string[], context: SqlContext<Own>) => string
  readonly evaluate: (inputs: readonly Value[], context: EventContext<Own>) => Value
}

/** Looks at the events of its session so far, in their order. */
export interface SessionOperator<Own extends Options = Options> extends OperatorBase<Own> {
  readonly scope: 'session'
  readonly sql: (inputs: readonly string[], options: Own, context: SessionContext) => string
  /** A value an event; `inputs`: a list of a value an event each. */
  readonly evaluate: (inputs: readonly (readonly Value[])[], options: Own, events: number) => readonly Value[]
}

/** The events of a session in their order, as the parts of `OVER (PARTITION BY … ORDER BY …)`. */
export interface SessionWindow {
  readonly partition: string
  readonly order: string
}

export interface SessionContext extends SessionWindow {
  readonly dialect: Dialect
}

/** Looks at the events of all sessions before this one in time. */
export interface StreamOperator<Own extends Options = Options> extends OperatorBase<Own> {
  readonly scope: 'stream'
  readonly sql: (inputs: readonly string[], options: Own) => string
  /** `past` holds the events that were seen so far, of all sessions. */
  readonly evaluate: (inputs: readonly Value[], options: Own, past: Past) => Value
  /** What an event adds to the past: when it was, and its key; null for nothing. */
  readonly event: (inputs: readonly Value[]) => { readonly time: number; readonly key: string } | null
}

/** The events of one stream operator by key. */
export interface Past {
  /** How many events of this key have a time from `from` to below `to`. */
  readonly count: (key: string, from: number, to: number) => number
}

/** What SQL aggregates are made of. */
export interface AggregateContext {
  readonly dialect: Dialect
  /** The sum of a number over the events, and its mean: the same in whatever order they come. `where`: a condition for those that count. */
  readonly sum: (x: string, where?: string) => string
  readonly mean: (x: string) => string
}

/** How a state is learnt. */
export interface Fit<Own extends Options = Options> {
  /** Which of the inputs are the key; none for totals alone. */
  readonly keys: <Part>(inputs: readonly Part[]) => readonly Part[]
  /** Keys that an event is counted under, each of as many parts as `keys` has; default: that of `keys` alone. */
  readonly pooled?: <Part>(inputs: readonly Part[]) => readonly (readonly Part[])[]
  /** SQL aggregates by column name, over the events of a key. */
  readonly columns: (
    inputs: readonly string[],
    options: Own,
    context: AggregateContext,
  ) => Readonly<Record<string, string>>
  /** SQL aggregates by name, over all events. */
  readonly totals: (
    inputs: readonly string[],
    options: Own,
    context: AggregateContext,
  ) => Readonly<Record<string, string>>
  /** What becomes of the aggregates. `previous`: the state that is extended, whose codes must stay. */
  readonly state: (aggregated: State, options: Own, previous: State | undefined) => State
  /** Whether a state of the right names, keys and numbers can be this operator's. What is given and has no check must be as given. */
  readonly check?: (state: State, options: Own) => boolean
  /** A state that is given and not learnt. */
  readonly given?: (options: Own) => State | undefined
}

export type Operator<Own extends Options = Options> =
  EventOperator<Own> | SessionOperator<Own> | StreamOperator<Own>

/** Keeps the options' type inside the record, and forgets it for the table of all. */
export const operator = <Own extends Options = Options>(record: Operator<Own>): Operator =>
  record as unknown as Operator
