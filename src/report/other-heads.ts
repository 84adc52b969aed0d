import { Type, type Static } from 'typebox'
import { Value } from 'typebox/value'
import { MOST_ROWS, type Block, type Section } from './chart.ts'
import { shortNumber } from './print.ts'
import type { NamedRun } from './sources.ts'

const Numbers = Type.Record(Type.String(), Type.Number())
/** As `evaluateHeads` gives them. */
const HeadsSchema = Type.Record(
  Type.String(),
  Type.Object({
    kind: Type.String(),
    target: Type.String(),
    targets: Type.Integer({ minimum: 0 }),
    metrics: Numbers,
    constant: Type.Optional(Numbers),
    gain: Type.Optional(Type.Object({ mean: Type.Number(), standardError: Type.Number() })),
  }),
)
type Heads = Static<typeof HeadsSchema>

/** The figures of heads that do not score items, beside the constants that predict best. */
export function otherHeads(runs: readonly NamedRun[]): readonly Section[] {
  const given = runs.filter(({ evaluation }) => evaluation?.heads !== undefined)
  const found = given.flatMap(({ label, evaluation }) =>
    Value.Check(HeadsSchema, evaluation?.heads) ? [{ label, heads: evaluation.heads }] : [],
  )
  const rows = found.flatMap(({ label, heads }) => rowsOf(label, heads))
  const left = rows.length - MOST_ROWS
  const blocks: readonly Block[] = [
    ...(rows.length > 0
      ? [
          {
            kind: 'table' as const,
            table: {
              head: [
                'run',
                'head',
                'predicts',
                'targets',
                'metric',
                'value',
                'of the constant',
                'gain a target',
              ],
              rows: rows.slice(0, MOST_ROWS),
              notes: [
                'The constant is what predicts best without a look at the session. Gain: its loss less that of the head, ± one standard error; above two of them it is more than chance.',
                ...(left > 0 ? [`${left} more rows are in evaluation.json.`] : []),
              ],
            },
          },
        ]
      : []),
    ...given
      .filter(({ label }) => found.every((each) => each.label !== label))
      .map(({ label, evaluation }) => ({
        ...{ kind: 'json' as const, title: `Heads of ${label}, of another form` },
        value: evaluation?.heads,
      })),
  ]
  return blocks.length === 0 ? [] : [{ id: 'heads', title: 'Other heads', blocks }]
}

const rowsOf = (label: string, heads: Heads): readonly (readonly (string | number | undefined)[])[] =>
  Object.entries(heads).flatMap(([name, { kind, target, targets, metrics, constant, gain }]) =>
    Object.entries(metrics).map(([metric, value], at) => [
      ...[label, name, `${target} (${kind})`, targets, metric, value, constant?.[metric]],
      // It is of the head, and not of one of its metrics.
      at === 0 && gain ? `${shortNumber(gain.mean)} ± ${shortNumber(gain.standardError)}` : undefined,
    ]),
  )
