import { UNKNOWN } from '../codes.ts'
import type { Sessions } from '../data/index.ts'
import type { Model } from '../model.ts'
import { ownValue } from '../own-value.ts'

/** Sessions as the model of an earlier vocabulary knows them: what has got a code since is unknown. */
export function knownTo({ schema }: Pick<Model, 'schema'>, sessions: Sessions): Sessions {
  const known = (codes: Int32Array, size: number): Int32Array =>
    codes.some((code) => code >= size) ? codes.map((code) => (code >= size ? UNKNOWN : code)) : codes
  return {
    ...sessions,
    items: known(sessions.items, schema.items),
    categorical: Object.fromEntries(
      Object.entries(sessions.categorical).map(([name, codes]) => [
        name,
        known(codes, ownValue(schema.categorical, name) ?? Infinity),
      ]),
    ),
  }
}
