import type { Sessions } from '../data/sessions.ts'

/** Sessions of these item codes, each named after its index: what the tests of this folder write logs with. */
export function sessionsOf(codes: readonly (readonly number[])[]): Sessions {
  const offsets = new Int32Array(codes.length + 1)
  for (const [index, session] of codes.entries()) offsets[index + 1] = offsets[index]! + session.length
  return {
    count: codes.length,
    offsets,
    items: Int32Array.from(codes.flat()),
    categorical: {},
    continuous: {},
    ids: codes.map((_, index) => String(index)),
  }
}
