import fc from 'fast-check'
import type { Sessions } from './sessions.ts'

/** Sessions of these item codes; each event also has a category (its place in the whole log), half of that as a number, and maybe a time. */
export function sessionsOf(
  codes: readonly (readonly number[])[],
  times?: readonly (readonly number[])[],
): Sessions {
  const offsets = new Int32Array(codes.length + 1)
  for (const [index, session] of codes.entries()) offsets[index + 1] = offsets[index]! + session.length
  return {
    count: codes.length,
    offsets,
    items: Int32Array.from(codes.flat()),
    categorical: { place: Int32Array.from({ length: codes.flat().length }, (_, event) => event) },
    continuous: { half: Float32Array.from({ length: codes.flat().length }, (_, event) => event / 2) },
    ...(times === undefined ? {} : { times: Float64Array.from(times.flat()) }),
    ids: codes.map((_, index) => `s${index}`),
  }
}

/** The item codes of each session by its id. */
export function itemsById(sessions: Sessions): Readonly<Record<string, readonly number[]>> {
  return Object.fromEntries(
    sessions.ids.map((id, index) => [
      id,
      [...sessions.items.subarray(sessions.offsets[index], sessions.offsets[index + 1])],
    ]),
  )
}

/** Any log of 1 to 40 sessions of 1 to 50 events, unknown items (code 1) among them; the first is long enough to use. */
export const anySessions: fc.Arbitrary<Sessions> = fc
  .array(fc.array(fc.integer({ min: 1, max: 6 }), { minLength: 1, maxLength: 50 }), { maxLength: 39 })
  .map((sessions) => sessionsOf([[2, 3, 4], ...sessions]))
