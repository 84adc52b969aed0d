import { sessionLength, type Sessions } from '../data/sessions.ts'
import { counted, EXAMPLES, type LeakCheck, predicted } from './leakage-input.ts'

/** Splits that leave the first events of a session to training, and predict its last. */
const CUTS: readonly string[] = ['leave-one-out', 'cut']

/** Sessions, by their ids, that are in training and are predicted: with the very target, or cut before it. */
export const sharedSessions: LeakCheck = (input) => {
  const { train, split } = input
  const indices = indicesById(train)
  return predicted(input).flatMap(([name, part]) => {
    const { whole, cut } = shared(train, part, indices)
    const byDesign = split !== undefined && CUTS.includes(split)
    return [
      ...(whole.length === 0
        ? []
        : [
            {
              kind: 'target-in-training',
              severity: 'error' as const,
              count: whole.length,
              examples: whole.slice(0, EXAMPLES),
              message: `${counted(whole.length, 'session')} of ${name} in training with the very event that is to be predicted. Take the session out of training, or its last event.`,
            },
          ]),
      ...(cut.length === 0
        ? []
        : [
            {
              kind: 'cut-session',
              severity: byDesign
                ? ('by-design' as const)
                : split === undefined
                  ? ('warning' as const)
                  : ('error' as const),
              count: cut.length,
              examples: cut.slice(0, EXAMPLES),
              message: `${counted(cut.length, 'session')} of ${name} with earlier events in training. ${
                byDesign
                  ? `A ${split} split cuts sessions: whom it predicts it knows already.`
                  : 'Keep a session in one part, unless whom you will predict is known by then.'
              }`,
            },
          ]),
    ]
  })
}

/** Validation sessions that hold the target of the test: what is chosen by validation is chosen by the test. */
export const validationIsTest: LeakCheck = ({ validation, test }) => {
  const { whole } = shared(validation, test, indicesById(validation))
  if (whole.length === 0) return []
  return [
    {
      kind: 'validation-is-test',
      severity: 'error',
      count: whole.length,
      examples: whole.slice(0, EXAMPLES),
      message: `${counted(whole.length, 'session')} of the test in validation, too, target and all: the epoch, and whatever else validation chooses, is chosen by the test. Validate on other sessions.`,
    },
  ]
}

/** Where each session is, by its id; none where sessions have no ids. */
const indicesById = ({ ids, count }: Sessions): ReadonlyMap<string, number> =>
  ids.length === count ? new Map(ids.map((id, index) => [id, index])) : new Map()

/** Ids of sessions of `part` that are in `train`: with as many events like the target as they have themselves, or fewer. */
function shared(
  train: Sessions,
  part: Sessions,
  indices: ReadonlyMap<string, number>,
): { readonly whole: readonly string[]; readonly cut: readonly string[] } {
  const whole: string[] = []
  const cut: string[] = []
  for (const [index, id] of part.ids.entries()) {
    const other = indices.get(id)
    if (other === undefined || sessionLength(part, index) < 2 || sessionLength(train, other) === 0) continue
    const target = part.offsets[index + 1]! - 1
    const wanted = { item: part.items[target]!, time: train.times && part.times?.[target] }
    if (occurrences(train, other, wanted) >= occurrences(part, index, wanted)) whole.push(id)
    else cut.push(id)
  }
  return { whole, cut }
}

function occurrences(
  { items, times, offsets }: Sessions,
  session: number,
  { item, time }: { readonly item: number; readonly time: number | undefined },
): number {
  let count = 0
  for (let event = offsets[session]!; event < offsets[session + 1]!; event++)
    if (items[event] === item && (time === undefined || times![event] === time)) count++
  return count
}
