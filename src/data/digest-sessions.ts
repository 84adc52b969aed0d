import type { Hash } from 'node:crypto'
import { isSource, type SessionSource } from '../workflow/session-source.ts'
import type { Sessions } from './sessions.ts'

/** Adds sessions to a digest: all that a model may read of them, without their ids. */
export function digestSessions(
  digest: Hash,
  data: Sessions | SessionSource,
  { times: withTimes }: { readonly times: boolean },
): void {
  if (isSource(data)) {
    digest.update(data.digest)
    return
  }
  const { offsets, items, categorical, continuous, times } = data
  const read = withTimes && times !== undefined ? [times] : []
  for (const array of [offsets, items, ...Object.values(categorical), ...Object.values(continuous), ...read])
    digest.update(new Uint8Array(array.buffer, array.byteOffset, array.byteLength))
}
