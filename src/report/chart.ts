import { mergedNames } from './merged-names.ts'

/** A point of a chart, or a bar. */
export interface ChartRow {
  readonly series: string
  readonly x: number | string
  readonly y: number
  /** The interval of 95 % of `y`. */
  readonly low?: number
  readonly high?: number
  /** What the point is marked for, such as `best`. */
  readonly mark?: string
  /** How many sessions it is the mean of. */
  readonly sessions?: number
}

/** A chart as data: what is drawn, and what the table under it and `#report-data` hold. JSON-safe. */
export interface Chart {
  /** `bars` lie, with their names on the left. */
  readonly kind: 'lines' | 'points' | 'bars'
  /** Of this page alone: small letters, digits and dashes. */
  readonly id: string
  /** What is seen. */
  readonly title: string
  /** Sentences under the title. */
  readonly notes?: readonly string[]
  /** `whole`: of whole numbers; `names`: each value has its place, in the order of the rows of each series. */
  readonly x: { readonly label: string; readonly scale: 'linear' | 'whole' | 'log' | 'names' }
  /** With its unit. */
  readonly y: { readonly label: string }
  /** In the order of their colours. */
  readonly series: readonly string[]
  readonly rows: readonly ChartRow[]
  /** Lines across, such as a mean of each series. */
  readonly levels?: readonly { readonly series: string; readonly y: number; readonly label: string }[]
}

/** The places along an axis of names. */
export const namesOf = ({ series, rows }: Pick<Chart, 'series' | 'rows'>): readonly string[] =>
  mergedNames(series.map((name) => rows.filter((row) => row.series === name).map(({ x }) => String(x))))

/** A table: numbers as they are, to be printed short. */
export interface ReportTable {
  readonly title?: string
  readonly notes?: readonly string[]
  readonly head: readonly string[]
  readonly rows: readonly (readonly (string | number | undefined)[])[]
  /** Whether long words may be cut anywhere, so that it is as narrow as the page. */
  readonly isNarrow?: boolean
}

/** A part of a section. `folded`: shown when it is opened. */
export type Block =
  | { readonly kind: 'chart'; readonly chart: Chart }
  | { readonly kind: 'table'; readonly table: ReportTable }
  | { readonly kind: 'note'; readonly text: string }
  | { readonly kind: 'json'; readonly title: string; readonly value: unknown }
  | { readonly kind: 'folded'; readonly title: string; readonly blocks: readonly Block[] }

export interface Section {
  /** Small letters, digits and dashes. */
  readonly id: string
  readonly title: string
  readonly blocks: readonly Block[]
}

/** Points of a curve that are drawn at most. */
export const MOST_POINTS = 1000
/** Rows of a table, and bars of a chart, at most. */
export const MOST_ROWS = 1000
/** Charts of one kind, such as of metrics over updates, at most. */
export const MOST_CHARTS = 40

/** Every so many of the values and the last, so that there are at most `most`. */
export function thinned<Value>(values: readonly Value[], most = MOST_POINTS): readonly Value[] {
  if (values.length <= most) return values
  const every = Math.ceil(values.length / (most - 1))
  return values.filter((_, at) => at % every === 0 || at === values.length - 1)
}

/** A sentence about what `thinned` left out; nothing where it did not. */
export const thinnedNote = (before: number, after: number): readonly string[] =>
  after < before
    ? [`Thinned: ${after} of ${before} points are shown, evenly; the run folder has the rest.`]
    : []

/** `Validation ndcg@10` → `validation-ndcg-10` */
export const idOf = (...parts: readonly (string | number)[]): string =>
  parts
    .join('-')
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, '-')
    .replace(/^-|-$/g, '')
