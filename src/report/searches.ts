import type { Distribution } from '../tune/index.ts'
import { idOf, MOST_CHARTS, MOST_ROWS, thinned, thinnedNote, type Block, type Section } from './chart.ts'
import { blockOf } from './curves.ts'
import type { NamedSearch } from './sources.ts'

type Trial = NamedSearch['records'][number]

/** A search: its trials in order, each setting against the value, and a table. */
export const searches = (found: readonly NamedSearch[]): readonly Section[] =>
  found.map((search, at) => ({
    ...{ id: `search-${at + 1}`, title: `Search: ${search.label}` },
    blocks: searchBlocks(search, at + 1),
  }))

function searchBlocks(search: NamedSearch, number: number): readonly Block[] {
  const { space, trials, budget, direction, seed, records } = search
  const ended = records.filter((trial) => trial.value !== undefined)
  const metric = metricOf(search)
  const settings = Object.keys(space)
  const left = settings.length - MOST_CHARTS
  return [
    {
      kind: 'note',
      text: `${search.search.kind} search of ${trials} trials with a budget of up to ${budget}, seed ${seed}; of ${metric} ${direction} is better. ${records.length} trials have ended, ${records.length - ended.length} of them failed.`,
    },
    ...(ended.length > 0
      ? [
          orderChart(search, { number, ended, metric }),
          ...settings.slice(0, MOST_CHARTS).map((setting, at) =>
            settingChart(setting, {
              ...{ id: idOf('search', number, 'setting', at + 1) },
              ...{ distribution: space[setting]!, ended, metric },
            }),
          ),
        ]
      : []),
    ...(left > 0 ? [{ kind: 'note' as const, text: `${left} more settings are in the table alone.` }] : []),
    ...(records.length > 0 ? [trialsTable(records, { settings, metric, direction })] : []),
  ]
}

/** What the command line measured; another search does not say. */
function metricOf({ of }: NamedSearch): string {
  const { metric } = Object(of) as { readonly metric?: unknown }
  return typeof metric === 'string' ? metric : 'value'
}

const budgetName = (budget: number): string => `budget ${budget}`

/** Trials of another budget are of another series: a short training is no match for a long one. */
const budgetsOf = (trials: readonly Trial[]): readonly string[] =>
  [...new Set(trials.map(({ budget }) => budget))].sort((one, other) => one - other).map(budgetName)

function orderChart(
  { records, direction }: NamedSearch,
  {
    number,
    ended,
    metric,
  }: { readonly number: number; readonly ended: readonly Trial[]; readonly metric: string },
): Block {
  const best = new Map<number, number>()
  const isBetter = (value: number, than: number | undefined): boolean =>
    than === undefined || (direction === 'higher' ? value > than : value < than)
  const all = ended.map((trial) => {
    const value = trial.value!
    const mark = isBetter(value, best.get(trial.budget))
    if (mark) best.set(trial.budget, value)
    return {
      ...{ series: budgetName(trial.budget), x: records.indexOf(trial) + 1, y: value },
      ...(mark && { mark: 'best so far' }),
    }
  })
  const thin = new Set(thinned(all))
  // Where the best changes is drawn in any case: the line goes through these.
  const rows = all.filter((row) => 'mark' in row || thin.has(row))
  return blockOf({
    ...{ kind: 'points', id: idOf('search', number, 'order') },
    title: `${metric} of the trials in order, with the best so far`,
    notes: [
      'The line is the best so far of its budget; a star is a trial that was better than those before.',
      ...thinnedNote(all.length, rows.length),
    ],
    ...{ x: { label: 'trials that have ended', scale: 'whole' }, y: { label: metric } },
    ...{ series: budgetsOf(ended), rows },
  })
}

function settingChart(
  setting: string,
  options: {
    readonly id: string
    readonly distribution: Distribution
    readonly ended: readonly Trial[]
    readonly metric: string
  },
): Block {
  const { id, distribution, ended, metric } = options
  const isChoice = 'values' in distribution
  const isLog = !isChoice && distribution.scale === 'log'
  const xOf = (value: unknown): number | string =>
    !isChoice && typeof value === 'number' ? value : settingText(value)
  const order = isChoice ? distribution.values.map(settingText) : []
  const all = ended
    .map((trial) => ({
      ...{ series: budgetName(trial.budget), x: xOf(trial.settings[setting]), y: trial.value! },
    }))
    // What someone wrote into the file may have no place on the axis.
    .filter(({ x }) => isChoice || (typeof x === 'number' && (!isLog || x > 0)))
    .sort((one, other) => (isChoice ? order.indexOf(String(one.x)) - order.indexOf(String(other.x)) : 0))
  if (all.length === 0) return { kind: 'note', text: `${setting} has no value that can be drawn.` }
  const rows = thinned(all)
  const series = budgetsOf(ended).filter((name) => rows.some((row) => row.series === name))
  return blockOf({
    ...{ kind: 'points', id, title: `${metric} by ${setting}`, notes: thinnedNote(all.length, rows.length) },
    x: {
      label: `${setting}${isLog ? ' (logarithmic)' : ''}`,
      scale: isChoice ? 'names' : isLog ? 'log' : distribution.whole === true ? 'whole' : 'linear',
    },
    ...{ y: { label: metric }, series, rows },
  })
}

/** Of a value that may be a whole part. */
const TEXT_LENGTH = 200
const settingText = (value: unknown): string => {
  const text = typeof value === 'string' ? value : value === undefined ? '' : JSON.stringify(value)
  return text.length > TEXT_LENGTH ? `${text.slice(0, TEXT_LENGTH - 1)}…` : text
}

function trialsTable(
  records: readonly Trial[],
  options: {
    readonly settings: readonly string[]
    readonly metric: string
    readonly direction: 'higher' | 'lower'
  },
): Block {
  const { settings, metric, direction } = options
  const sign = direction === 'higher' ? -1 : 1
  const better = (one: Trial, other: Trial): number =>
    other.budget - one.budget || sign * (one.value! - other.value!) || one.trial - other.trial
  const shown = records.filter(({ value }) => value !== undefined).toSorted(better)
  const failed = records.filter(({ value }) => value === undefined)
  const rows = [...shown, ...failed].slice(0, MOST_ROWS)
  const left = records.length - rows.length
  return {
    kind: 'table',
    table: {
      title: 'Trials, best first',
      head: ['trial', 'budget', metric, ...settings, 'seconds', 'error'],
      rows: rows.map(({ trial, budget, value, settings: own, seconds, error }) => [
        ...[trial, budget, value],
        ...settings.map((name) => (typeof own[name] === 'number' ? own[name] : settingText(own[name]))),
        ...[seconds, error && `[${error.code}] ${error.message}`],
      ]),
      notes: left > 0 ? [`${left} more trials are in trials.jsonl.`] : [],
    },
  }
}
