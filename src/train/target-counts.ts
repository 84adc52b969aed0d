import { isSource, knownEvents, windowLength, type Sessions, type SessionSource } from '../data/index.ts'
import { itemCounts } from '../baselines/item-counts.ts'
import type { Model } from '../model.ts'
import { RESERVED } from '../codes.ts'
import { createRandom } from '../random.ts'
import { needsCounts, type ItemCounts } from './random-draws.ts'

/** What is counted where a loss asks for it, of what is then read. */
export async function targetCounts(
  model: Model,
  read: () => Promise<Sessions | SessionSource>,
): Promise<ItemCounts | undefined> {
  if (!needsCounts(model.training().draws)) return undefined
  const data = await read()
  const items = model.schema.items - RESERVED
  const all: ItemCounts = { events: new Float64Array(items), targets: new Float64Array(items) }
  const add = (sessions: Sessions): void => {
    const events = itemCounts(sessions, items)
    const targets = ofTargets(model, sessions) ?? events
    for (let column = 0; column < items; column++) {
      all.events[column]! += events[column]!
      all.targets[column]! += targets[column]!
    }
  }
  if (!isSource(data)) add(data)
  else for (const block of data.blocks.keys()) add(await data.read([block]))
  return all
}

/** The sum of two, as long as the longer one. */
export function addCounts(
  one: ItemCounts | undefined,
  other: ItemCounts | undefined,
): ItemCounts | undefined {
  if (one === undefined || other === undefined) return one ?? other
  const sum = (left: Float64Array, right: Float64Array): Float64Array =>
    Float64Array.from(
      { length: Math.max(left.length, right.length) },
      (_, item) => (left[item] ?? 0) + (right[item] ?? 0),
    )
  return { events: sum(one.events, other.events), targets: sum(one.targets, other.targets) }
}

/** Where targets are not drawn: of the next event no session's first is one. Undefined where any event may be one, each as likely. */
function ofTargets({ masking, maxLength, schema }: Model, sessions: Sessions): Float64Array | undefined {
  if (masking.predicts === 'itself' && masking.options['trainOn'] !== 'last') return undefined
  const known = knownEvents(sessions)
  const random = createRandom(0)
  const counts = new Float64Array(schema.items - RESERVED)
  for (let session = 0; session < known.count; session++) {
    const events = windowLength(known, session, maxLength)
    if (events < 2) continue
    const first = known.offsets[session + 1]! - events
    for (const event of masking.targets('train', events, random).events)
      counts[known.items[first + event]! - RESERVED]!++
  }
  return counts
}
