import { isSource, timesOf, type Sessions, type SessionSource } from '../data/index.ts'
import { RESERVED } from '../codes.ts'
import { EnsuiteError } from '../errors.ts'
import type { Model } from '../model.ts'
import { ownValue } from '../own-value.ts'

/** Throws `SESSIONS_TOO_FEW` for fewer than two sessions. */
export function checkCount(data: Sessions | SessionSource): void {
  const count = isSource(data) ? data.blocks.reduce((sum, { sessions }) => sum + sessions, 0) : data.count
  if (count >= 2) return
  throw new EnsuiteError(
    'SESSIONS_TOO_FEW',
    `Training needs two sessions or more, received ${count}. Check that the session column is the right one, or give more events.`,
  )
}

/** Sessions of another workflow than the model's would train on nonsense, or fail inside the graph. Throws `OPTION_INVALID`. `what` they are, for the message. */
export function checkFits(
  { schema, block, batchRules }: Model,
  data: Sessions | SessionSource,
  what: 'sessions' | 'validation sessions' = 'sessions',
): void {
  const largest = isSource(data) ? data.largest : largestCodes(data)
  const columns = [
    ['items', schema.items, largest.items] as const,
    ...Object.entries(schema.categorical).map(
      ([name, size]) => [name, size, largest.categorical[name]] as const,
    ),
  ]
  for (const [name, size, code] of columns)
    if (code === undefined || code >= size)
      throw new EnsuiteError(
        'OPTION_INVALID',
        `train: the ${what} ${code === undefined ? `have no '${name}'` : `have code ${code} in '${name}'`}, the model expects ${size} codes there. Make both from one fitted workflow.`,
      )
  if (batchRules.times && !isSource(data)) timesOf(data, `Block '${block.kind}'`)
  const missing = schema.continuous.find(
    (name) => !isSource(data) && ownValue(data.continuous, name) === undefined,
  )
  if (missing !== undefined)
    throw new EnsuiteError(
      'OPTION_INVALID',
      `train: the ${what} have no '${missing}', the model expects numbers there. Make both from one fitted workflow.`,
    )
}

/** Throws `COLUMN_INVALID` for a head whose target no event has. Blocks of a prepared folder are not looked into for it. */
export function checkTargetsThere({ heads }: Model, data: Sessions | SessionSource): void {
  if (isSource(data)) return
  for (const { name, target } of heads) {
    const column =
      target === undefined
        ? undefined
        : (ownValue(data.categorical, target) ?? ownValue(data.continuous, target))
    if (column === undefined) continue
    const isThere = (value: number): boolean =>
      column instanceof Int32Array ? value >= RESERVED : !Number.isNaN(value)
    if (!(column as Int32Array).some(isThere))
      throw new EnsuiteError(
        'COLUMN_INVALID',
        `train: head '${name}' predicts '${target!}', which is missing or unknown in every event. Check the column in the workflow, or leave the head out.`,
      )
  }
}

/** The largest code of the item and of each categorical feature. */
export function largestCodes({
  items,
  categorical,
}: Pick<Sessions, 'items' | 'categorical'>): SessionSource['largest'] {
  const most = (codes: Int32Array): number => codes.reduce((largest, code) => Math.max(largest, code), 0)
  return {
    items: most(items),
    categorical: Object.fromEntries(Object.entries(categorical).map(([name, codes]) => [name, most(codes)])),
  }
}
