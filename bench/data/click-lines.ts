import { createRandom } from '../../src/random.ts'
import { clickEvents, DAY, ITEMS, type ClickBatch, type ClickLogOptions } from './click-events.ts'

export const HEADER = 'session_id,timestamp,item_id,category,price\n'

const FIRST_DAY = Date.UTC(2014, 3, 1)
const CATEGORIES = 340
const SCATTER = 314_159
/** `1000000000,2014-04-01T00:00:00.000Z,` */
const HEAD = 36
/** No more than `214000000,101,123456.00` and the end of the line. */
const TAIL = 24
const ZERO = '0'.charCodeAt(0)

/** The bytes of a CSV file of clicks, piece by piece. A piece is valid until the next one. */
export function* clickLines(options: ClickLogOptions): Generator<Uint8Array> {
  yield Buffer.from(HEADER)
  const tails = itemTails(options.seed)
  let bytes = Buffer.alloc(0)
  for (const batch of clickEvents(options)) {
    if (bytes.length < batch.count * (HEAD + TAIL)) bytes = Buffer.alloc(batch.count * (HEAD + TAIL))
    yield bytes.subarray(0, write(bytes, batch, tails))
  }
}

interface Tails {
  /** `item_id,category,price` and the end of the line of each rank, `TAIL` bytes apart. */
  readonly bytes: Uint8Array
  /** How many bytes of them count. */
  readonly lengths: Uint8Array
}

/**
 * The catalogue: ids of 9 digits and categories of 3, so that their order as texts is that of numbers. A fifth of the items has
 * no category; prices are about log-normal.
 */
function itemTails(seed: number): Tails {
  const random = createRandom(seed, 2)
  const bytes = Buffer.alloc(ITEMS * TAIL)
  const lengths = new Uint8Array(ITEMS)
  for (let rank = 0; rank < ITEMS; rank++) {
    const id = 214_000_000 + ((rank * SCATTER) % ITEMS)
    const category = random.uniform() < 0.2 ? '' : 101 + Math.floor(CATEGORIES * random.uniform() ** 2)
    const price = 1 + Math.exp(3 + random.normal())
    lengths[rank] = bytes.write(`${id},${category},${price.toFixed(2)}\n`, rank * TAIL, 'latin1')
  }
  return { bytes, lengths }
}

/** Writes the lines of a batch and returns where they end. Strings would take three times as long. */
function write(bytes: Uint8Array, { count, session, time, item }: ClickBatch, tails: Tails): number {
  const comma = ','.charCodeAt(0)
  const date = dateWriter()
  let end = 0
  for (let click = 0; click < count; click++) {
    digits(bytes, end, { value: session[click]!, width: 10 })
    bytes[end + 10] = comma
    date(bytes, end + 11, time[click]!)
    bytes[end + HEAD - 1] = comma
    end += HEAD
    const from = item[click]! * TAIL
    const length = tails.lengths[item[click]!]!
    for (let at = 0; at < length; at++) bytes[end + at] = tails.bytes[from + at]!
    end += length
  }
  return end
}

/** Writes `2014-04-01T00:00:00.000Z` for milliseconds since the first day. */
function dateWriter(): (bytes: Uint8Array, at: number, ms: number) => void {
  let last = -1
  let text = Buffer.alloc(0)
  return (bytes, at, ms) => {
    const day = Math.floor(ms / DAY)
    if (day !== last) {
      last = day
      text = Buffer.from(new Date(FIRST_DAY + day * DAY).toISOString())
    }
    for (let index = 0; index < text.length; index++) bytes[at + index] = text[index]!
    const inDay = ms - day * DAY
    const seconds = Math.floor(inDay / 1000)
    const minutes = Math.floor(seconds / 60)
    const hours = Math.floor(minutes / 60)
    digits(bytes, at + 11, { value: hours, width: 2 })
    digits(bytes, at + 14, { value: minutes - hours * 60, width: 2 })
    digits(bytes, at + 17, { value: seconds - minutes * 60, width: 2 })
    digits(bytes, at + 20, { value: inDay - seconds * 1000, width: 3 })
  }
}

function digits(
  bytes: Uint8Array,
  at: number,
  { value, width }: { readonly value: number; readonly width: number },
): void {
  for (let place = at + width - 1, rest = value; place >= at; place--) {
    const tenth = Math.floor(rest / 10)
    bytes[place] = ZERO + rest - tenth * 10
    rest = tenth
  }
}
