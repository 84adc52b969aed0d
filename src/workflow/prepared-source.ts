import { createHash } from 'node:crypto'
import { UNKNOWN } from '../codes.ts'
import type { ListChunk, ListValues } from '../events/list-columns.ts'
import { filePattern, literal } from '../events/sql.ts'
import type { Definition } from './definition.ts'
import { joinedChunks } from './joined-chunks.ts'
import { fileColumns, sessionsOf } from './read-sessions.ts'
import type { SessionBlock, SessionSource } from './session-source.ts'
import type { Reading } from './verified-reading.ts'

/** Sessions of a block: what is read at once and shuffled as one. */
const BLOCK = 8192

interface Block extends SessionBlock {
  readonly file: string
  /** Place of its first session in the file. */
  readonly start: number
}

/** Files of sessions as a source to train on. They are read once to know what is in them. */
export async function openSource(
  files: readonly string[],
  definition: Definition,
  reading: Reading,
): Promise<SessionSource> {
  const { names, lists } = fileColumns(definition)
  // One a column, so that it does not matter in what pieces the engine gives them.
  const digests = [...lists, 'lengths'].map(() => createHash('sha256'))
  const largest = new Map<string, number>()
  const blocks: Block[] = []
  for (const file of files) {
    let [sessions, usable, start] = [0, 0, 0]
    const end = (): void => {
      if (sessions > 0) blocks.push({ file, start, sessions, usable })
      start += sessions
      sessions = usable = 0
    }
    await reading([file], (database) =>
      database.lists(`SELECT ${lists.join(', ')} FROM ${parquetRows(file)}`, ({ rows, offsets, values }) => {
        const lengths = offsets.subarray(1).map((end, row) => end - offsets[row]!)
        for (const [at, array] of [...values, lengths].entries())
          digests[at]!.update(new Uint8Array(array.buffer, array.byteOffset, array.byteLength))
        for (const [at, name] of names.entries()) noteLargest(largest, name, values[at]!)
        const items = values[names.indexOf(definition.item!)]!
        for (let row = 0; row < rows; row++) {
          if (known(items, offsets[row]!, offsets[row + 1]!)) usable++
          if (++sessions === BLOCK) end()
        }
      }),
    )
    end()
  }
  return {
    blocks: blocks.map(({ sessions, usable }) => ({ sessions, usable })),
    digest: digests.map((each) => each.digest('hex')).join(),
    largest: {
      items: largest.get(definition.item!) ?? 0,
      categorical: Object.fromEntries([...largest].filter(([name]) => name !== definition.item)),
    },
    read: (places) => {
      const wanted = places.map((place) => blocks[place]!)
      return reading([...new Set(wanted.map(({ file }) => file))], async (database) => {
        const chunks: ListChunk[] = []
        for (const { file, start, sessions } of wanted)
          await database.lists(
            `SELECT ${lists.join(', ')} FROM ${parquetRows(file)} ` +
              `WHERE file_row_number >= ${start} AND file_row_number < ${start + sessions}`,
            (chunk) => void chunks.push(chunk),
          )
        return sessionsOf(definition, names, joinedChunks(chunks, lists.length), [])
      })
    },
  }
}

const parquetRows = (file: string): string =>
  `read_parquet(${literal(filePattern(file))}, hive_partitioning = false, file_row_number = true)`

function noteLargest(largest: Map<string, number>, name: string, values: ListValues): void {
  if (!(values instanceof Int32Array)) return
  let most = largest.get(name) ?? 0
  for (const code of values) if (code > most) most = code
  largest.set(name, most)
}

/** Whether two items or more are known. */
function known(items: ListValues, from: number, to: number): boolean {
  let found = 0
  for (let at = from; at < to; at++) if (items[at] !== UNKNOWN && ++found === 2) return true
  return false
}
