import { EnsuiteError } from '../errors.ts'

/** Merlin's tags. Any other text is a tag, too. */
export const tags = [
  'categorical',
  'continuous',
  'list',
  'sequence',
  'text',
  'tokenized',
  'time',
  'embedding',
  'id',
  'user',
  'item',
  'session',
  'context',
  'target',
  'regression',
  'classification',
  'binary',
  'multi_class',
  'binary_classification',
  'multi_class_classification',
] as const

/** Old tags that stand for two: `item_id` is `item` and `id`. */
const compounds: ReadonlyMap<string, readonly string[]> = new Map([
  ['user_id', ['user', 'id']],
  ['item_id', ['item', 'id']],
  ['session_id', ['session', 'id']],
  ['text_tokenized', ['text', 'tokenized']],
])

/** A tag → the tags that no column can have beside it. */
const collisions: ReadonlyMap<string, readonly string[]> = new Map([
  ['categorical', ['continuous', 'embedding']],
  ['continuous', ['categorical', 'embedding', 'id']],
  ['embedding', ['continuous', 'categorical', 'id']],
  ['id', ['continuous', 'embedding']],
])

/**
 * Tags as Merlin normalises them: its own in lower case, compounds taken apart, each once, in the order given.
 *
 * Throws `SCHEMA_INVALID` for a tag that is no text.
 */
export function normalTags(given: readonly string[]): readonly string[] {
  const bad: unknown = given.find((tag: unknown) => typeof tag !== 'string' || tag === '')
  if (bad !== undefined)
    throw new EnsuiteError(
      'SCHEMA_INVALID',
      `A tag must be a text that is not empty, received ${JSON.stringify(bad)}.`,
    )
  return [...new Set(given.flatMap(atoms))]
}

function atoms(tag: string): readonly string[] {
  const lower = tag.toLowerCase()
  const compound = compounds.get(lower)
  if (compound !== undefined) return compound
  return [(tags as readonly string[]).includes(lower) ? lower : tag]
}

/**
 * `tags` with `more` added, normalised.
 *
 * Two that exclude each other throw `TAG_COLLISION`; with `override` the later one stays and the earlier one goes.
 */
export function addTags(
  existing: readonly string[],
  more: readonly string[],
  options: { readonly where: string; readonly override?: boolean },
): readonly string[] {
  let result = normalTags(existing)
  for (const tag of normalTags(more)) {
    const against = collisions.get(tag) ?? []
    const collided = result.filter((each) => against.includes(each))
    if (collided.length > 0 && options.override !== true) {
      throw new EnsuiteError(
        'TAG_COLLISION',
        `${options.where}: the tag '${tag}' excludes ${collided.map((each) => `'${each}'`).join(' and ')}. ` +
          `Take one out, or let the later ones win with override: true.`,
      )
    }
    result = [...new Set([...result.filter((each) => !collided.includes(each)), tag])]
  }
  return result
}

/** Whether `wanted` is among the tags of a column; of a compound, all atoms. */
export function hasTag(existing: readonly string[], wanted: string): boolean {
  return atoms(wanted).every((atom) => existing.includes(atom))
}
