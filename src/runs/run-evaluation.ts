import { createHash } from 'node:crypto'
import { unwritable, writeWhole } from '../artifact/index.ts'
import type { Sessions } from '../data/index.ts'
import { EnsuiteError } from '../errors.ts'
import type { RankingResult, SessionRanks } from '../evaluate/index.ts'
import { compareRuns, rankingMetrics, type Comparison, type ResamplingOptions } from '../metrics/index.ts'
import { mean, standardError } from '../metrics/mean.ts'
import { studentDeviations } from '../metrics/student.ts'
import { checkGiven, checkNumber, checkOptions, checkPath } from '../options.ts'
import type { WindowRecord } from '../train/index.ts'
import { checkEvaluation } from './check-evaluation.ts'
import { invalidRun, runFiles, runPath } from './run-files.ts'
import { recordOf } from './run-folder.ts'
import { MOST_RANKS, RUN_FORMAT, type Figure, type RunEvaluation } from './run-schemas.ts'

export interface RankedEvaluation extends Pick<RunEvaluation, 'heads' | 'split' | 'slices' | 'leakage'> {
  readonly result: RankingResult
  /** Of the model, as `onRanks` of `evaluateRanking` is given them, and the sessions that were evaluated. Without them runs cannot be compared session by session. */
  readonly ranks?: SessionRanks
  readonly sessions?: Sessions
  /** What the model has to beat, by name. */
  readonly floors?: Readonly<Record<string, RankingResult>>
  readonly evaluatedAt: Date
}

/** An evaluation of `evaluateRanking` as a run folder keeps it. Throws `OPTION_UNKNOWN`, and `OPTION_INVALID` for a `result` that is none, and an `evaluatedAt` that is no time. */
export function rankedEvaluation(evaluation: RankedEvaluation): RunEvaluation {
  checkOptions('rankedEvaluation', evaluation, [
    ...['result', 'ranks', 'sessions', 'floors', 'evaluatedAt'],
    ...['heads', 'split', 'slices', 'leakage'],
  ])
  const { result, ranks, sessions, floors, evaluatedAt, ...parts } = evaluation
  checkGiven('rankedEvaluation: result', result, {
    what: 'what evaluateRanking gives',
    isGood: typeof (Object(result) as Partial<RankingResult>).standardErrors === 'object',
  })
  const { items, filterSeen, unknownTargets, seenTargets } = result
  checkInstant('rankedEvaluation', evaluatedAt)
  const others = Object.entries(floors ?? {}).map(([name, floor]) => [name, figuresOf(floor)] as const)
  return {
    ...{ format: RUN_FORMAT, evaluatedAt: evaluatedAt.toISOString(), sessions: result.sessions },
    ...{ items, filterSeen, unknownTargets, seenTargets, figures: figuresOf(result) },
    ...(others.length > 0 && { floors: Object.fromEntries(others) }),
    ...(result.slices && { slices: result.slices }),
    ...(ranks && sessions && { ranks: thinned(ranks, sessions) }),
    ...Object.fromEntries(Object.entries(parts).filter(([, part]) => part !== undefined)),
  }
}

function checkInstant(where: string, evaluatedAt: unknown): void {
  if (evaluatedAt instanceof Date && !Number.isNaN(evaluatedAt.getTime())) return
  throw new EnsuiteError('OPTION_INVALID', `${where}: evaluatedAt is a Date, such as new Date().`)
}

/** What windows of time came to: the mean of each metric over the windows that were tested, each alike, the standard error of that over windows, and its interval, by Student's distribution where they are few. */
export function windowsEvaluation(
  windows: readonly WindowRecord[],
  options: { readonly evaluatedAt: Date },
): RunEvaluation {
  checkGiven('windowsEvaluation', windows, {
    what: 'the windows of fitAndEvaluate',
    isGood:
      Array.isArray(windows) &&
      windows.every((each) => typeof (Object(each) as Partial<WindowRecord>).tested === 'number'),
  })
  checkOptions('windowsEvaluation', options, ['evaluatedAt'])
  const { evaluatedAt } = options
  checkInstant('windowsEvaluation', evaluatedAt)
  const names = [...new Set(windows.flatMap(({ metrics = {} }) => Object.keys(metrics)))]
  const figures = names.map((name) => {
    const values = windows.flatMap(({ metrics = {} }) => metrics[name] ?? [])
    return [name, figureOf(mean(values), standardError(values), studentDeviations(values.length))] as const
  })
  return {
    ...{ format: RUN_FORMAT, evaluatedAt: evaluatedAt.toISOString() },
    sessions: windows.reduce((sum, { tested }) => sum + tested, 0),
    figures: Object.fromEntries(figures),
  }
}

/** Writes `evaluation.json` of a run folder, in place of one that is there. Throws `RUN_INVALID` where no run is there, or this is no evaluation, `OPTION_INVALID` for one that is larger than is read, and `FILE_UNWRITABLE`. */
export async function writeEvaluation(folder: string, evaluation: RunEvaluation): Promise<void> {
  checkPath('writeEvaluation', folder)
  const path = runPath(folder, 'evaluation')
  checkEvaluation('The evaluation', evaluation)
  if ((await recordOf(folder)) === undefined) throw invalidRun(`${folder} holds no run`)
  const text = `${JSON.stringify(evaluation)}\n`
  const { limit } = runFiles.evaluation
  // What is written can be read.
  if (Buffer.byteLength(text) > limit)
    throw new EnsuiteError(
      'OPTION_INVALID',
      `The evaluation has ${Buffer.byteLength(text)} bytes, more than the ${limit} of ${path} that are read. Leave out slices of many groups.`,
    )
  await writeWhole(path, text).catch((cause: unknown) => {
    throw unwritable(path, (cause as Error).message, cause)
  })
}

/** What two evaluations must have alike, and what is done where they have not. */
const ALIKE = {
  filterSeen: 'Evaluate both with seen items filtered, or both with them kept.',
  items: 'Evaluate both on one catalogue.',
} as const

/**
 * Whether one run is better than another by a ranking metric such as `ndcg@10`, of any `k` up to the number of items, session by session: `compareRuns` of their values.
 * Throws `RUN_INVALID` where they were not measured on the same sessions, among as many items, or by one protocol (`filterSeen`), or without ranks, and for what is no evaluation; what `compareRuns` throws; `OPTION_INVALID` for another metric.
 */
export function compareEvaluations(
  first: RunEvaluation,
  second: RunEvaluation,
  metric: string,
  options: ResamplingOptions = {},
): Comparison {
  checkEvaluation('The first evaluation', first)
  checkEvaluation('The second evaluation', second)
  const [one, other] = [first.ranks, second.ranks]
  if (one === undefined || other === undefined)
    throw new EnsuiteError(
      'RUN_INVALID',
      'One of the evaluations has no ranks of its sessions, and cannot be compared. Evaluate it anew, with ranks and sessions.',
    )
  if (one.digest !== other.digest || one.every !== other.every)
    throw new EnsuiteError(
      'RUN_INVALID',
      'The runs were evaluated on other sessions, or with other items, and cannot be compared. Evaluate both on the same events, divided alike.',
    )
  for (const [name, mend] of Object.entries(ALIKE)) {
    const [left, right] = [first, second].map((each) => each[name as keyof typeof ALIKE])
    if (left !== right)
      throw new EnsuiteError(
        'RUN_INVALID',
        `The runs were evaluated with ${name} ${String(left)} and ${String(right)}, and cannot be compared. ${mend}`,
      )
  }
  const values = [one, other].map((each) => valuesOf(each.values, metric, first.items))
  return compareRuns(values[0]!, values[1]!, options)
}

function valuesOf(ranks: readonly number[], metric: string, items: number | undefined): Float64Array {
  const k = Number(metric.split('@')[1])
  // Those that are missed have the rank after the last.
  const range = { integer: true, min: 1, ...(items !== undefined && { max: items }) }
  checkNumber(`The k of metric '${metric}'`, k, range)
  const found = rankingMetrics.map((each) => each(k)).find(({ name }) => name === metric)
  if (found !== undefined) return Float64Array.from(ranks, (rank) => found.of(rank))
  throw new EnsuiteError(
    'OPTION_INVALID',
    `There is no metric '${metric}' of ranking. Choose one of ${rankingMetrics.map((each) => each(k).name).join(', ')}.`,
  )
}

/** Of a normal distribution: 95 % lie within so many deviations. */
const DEVIATIONS = 1.96

const figureOf = (mean: number, standardError: number | undefined, deviations = DEVIATIONS): Figure => ({
  mean,
  ...(standardError !== undefined && {
    ...{ standardError, low: mean - deviations * standardError, high: mean + deviations * standardError },
  }),
})

const figuresOf = ({ standardErrors, ...result }: RankingResult): Readonly<Record<string, Figure>> =>
  Object.fromEntries(
    Object.entries(result).flatMap(([name, mean]) =>
      name.includes('@') && typeof mean === 'number'
        ? [[name, figureOf(mean, (standardErrors as Readonly<Record<string, number>>)[name])]]
        : [],
    ),
  )

function thinned(
  { ranks, sessionIndices }: SessionRanks,
  { items, offsets }: Sessions,
): NonNullable<RunEvaluation['ranks']> {
  const every = Math.max(1, Math.ceil(ranks.length / MOST_RANKS))
  const targets = sessionIndices.map((session) => items[offsets[session + 1]! - 1]!)
  const digest = createHash('sha256')
  for (const each of [sessionIndices, targets]) digest.update(new Uint8Array(each.buffer))
  return {
    digest: digest.digest('hex').slice(0, 16),
    every,
    values: [...ranks.filter((_, at) => at % every === 0)],
  }
}
