import type { Block, Section } from './chart.ts'
import { shortNumber } from './print.ts'
import type { NamedRun } from './sources.ts'

/** A card of each run: what was trained, on what, how, and what came of it. */
export const modelCards = (runs: readonly NamedRun[]): readonly Section[] =>
  runs.map((run, at) => ({ id: `run-${at + 1}`, title: `Run: ${run.label}`, blocks: card(run) }))

function card({ run, isTorn, label }: NamedRun): readonly Block[] {
  const { model, parameters, data, options, result, error, split, settings } = run
  const leakage = run.leakage ?? (Object(settings) as { readonly leakage?: unknown }).leakage
  const rows: (readonly [string, string | number | undefined])[] = [
    ['Name', run.name === label ? run.name : `${run.name} (here: ${label})`],
    ['Status', `${run.status}${isTorn ? ', its last line cut off' : ''}`],
    ['Error', error && `${error.code === undefined ? '' : `[${error.code}] `}${error.message}`],
    ['Block', `${model.block.kind}: ${optionsText(model.block.options)}`],
    ['Masking', partText(model.masking)],
    ['Heads', model.heads.map(partText).join('; ')],
    ['Longest session', `${model.maxLength} events`],
    [
      'Parameters',
      `${count(parameters.total)}, ${count(parameters.trained)} of them trained, ${count(parameters.bytes)} bytes${data.windows === undefined ? '' : ', in the first window'}`,
    ],
    ['Data', dataText(data)],
    ['Data digest', data.digest],
    ['Split', split === undefined ? undefined : partText(split)],
    ['Optimizer', options['optimizer'] === undefined ? undefined : partText(options['optimizer'])],
    ['Seed', String(run.seed)],
    ['Updates planned', run.updates === undefined ? undefined : count(run.updates)],
    ['Result', result && resultText(result)],
    ['Started', run.startedAt],
    ['Ended', run.endedAt],
    ['From start to end', durationText(run.startedAt, run.endedAt)],
    ['Gone on with', run.resumed === 0 ? undefined : `${run.resumed} times`],
    ['Package version', run.packageVersion],
    ['Commit', run.commit],
    ['Run digest', run.digest],
  ]
  return [
    {
      kind: 'table',
      table: {
        isNarrow: true,
        head: ['', 'value'],
        rows: rows.filter(([, value]) => value !== undefined && value !== ''),
      },
    },
    ...leakageBlocks(leakage),
    {
      kind: 'folded',
      title: 'All settings',
      blocks: [
        { kind: 'json', title: 'Model', value: model },
        { kind: 'json', title: 'Training options', value: options },
        ...(settings === undefined ? [] : [{ kind: 'json' as const, title: 'Settings', value: settings }]),
      ],
    },
  ]
}

/** What the leakage checker found, or what else was given as such. */
function leakageBlocks(leakage: unknown): readonly Block[] {
  if (leakage === undefined) return [{ kind: 'note', text: 'Leaks were not looked for.' }]
  if (!Array.isArray(leakage)) return [{ kind: 'json', title: 'Leakage', value: leakage }]
  if (leakage.length === 0) return [{ kind: 'note', text: 'Leaks were looked for, and none was found.' }]
  const rows = leakage.map((finding: unknown) => {
    const { kind, severity, count: found, message } = Object(finding) as Readonly<Record<string, unknown>>
    return [severity, kind, found, message].map((each) => (typeof each === 'string' ? each : textOf(each)))
  })
  return [
    { kind: 'table', table: { title: 'Leakage', head: ['severity', 'kind', 'count', 'finding'], rows } },
  ]
}

const count = (value: number): string => value.toLocaleString('en')

const textOf = (value: unknown): string =>
  typeof value === 'number' ? shortNumber(value) : value === undefined ? '' : JSON.stringify(value)

/** `kind: name value, name value` */
function partText(part: unknown): string {
  const { kind, options, ...more } = Object(part) as Readonly<Record<string, unknown>>
  if (typeof kind !== 'string') return textOf(part)
  const text = optionsText(options ?? more)
  return text === '' ? kind : `${kind}: ${text}`
}

const optionsText = (options: unknown): string =>
  Object.entries(Object(options) as Readonly<Record<string, unknown>>)
    .map(([name, value]) => `${name} ${typeof value === 'string' ? value : textOf(value)}`)
    .join(', ')

function dataText(data: NamedRun['run']['data']): string {
  const { items, sessions, events, validationSessions, windows } = data
  const parts: readonly (readonly [number | undefined, string])[] = [
    [items, windows === undefined ? 'items' : 'items in the first window'],
    [sessions, 'sessions'],
    [events, 'events'],
    [validationSessions, 'validation sessions'],
    [windows?.length, 'windows of time'],
  ]
  return parts.flatMap(([size, what]) => (size === undefined ? [] : [`${count(size)} ${what}`])).join(', ')
}

function resultText({ best, ...result }: NonNullable<NamedRun['run']['result']>): string {
  const { epochs, update, evaluations, windows } = result
  const over =
    windows > 0 ? `${count(windows)} windows` : `${count(epochs)} epochs, ${count(evaluations)} evaluations`
  const kept =
    best && `; best ${shortNumber(best.metric)} in epoch ${best.epoch}, after ${count(best.update)} updates`
  return `${over}, ${count(update)} updates${kept ?? ''}`
}

function durationText(startedAt: string, endedAt: string | undefined): string | undefined {
  if (endedAt === undefined) return undefined
  const seconds = (Date.parse(endedAt) - Date.parse(startedAt)) / 1000
  const [hours, minutes] = [Math.floor(seconds / 3600), Math.floor((seconds % 3600) / 60)]
  const rest = `${shortNumber(seconds % 60)} s`
  return hours > 0 ? `${hours} h ${minutes} min` : minutes > 0 ? `${minutes} min ${rest}` : rest
}
