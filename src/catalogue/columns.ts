import type { AttributeValue } from '../vector-store/vector-store.ts'
import type { ItemAttributeType, ItemAttributeValue } from './catalogue-item.ts'

/** The values of one attribute, a place an item, in typed arrays. */
export interface Column {
  set(place: number, value: ItemAttributeValue | null): void
  get(place: number): ItemAttributeValue | null
  /** The value of one place at another. */
  move(from: number, to: number): void
  grow(capacity: number): void
  /** Writes 1 where the value is one of these, or a list holds one of them, else 0: out [size]. */
  equals(values: readonly AttributeValue[], out: Uint8Array): void
  /** The texts of a place, as caps count them: none where it is unknown. */
  keys(place: number): readonly string[]
}

/** Numbers as they are; NaN where one is unknown, so that no comparison is true. */
export interface NumberColumn extends Column {
  readonly numbers: () => Float64Array
}

const UNKNOWN_NUMBER = NaN

export function numberColumn(type: 'number' | 'boolean'): NumberColumn {
  let data = new Float64Array(0)
  const valueAt = (place: number): number | boolean | null => {
    const value = data[place]!
    return Number.isNaN(value) ? null : type === 'boolean' ? value === 1 : value
  }
  return {
    numbers: () => data,
    set: (place, value) => (data[place] = value === null ? UNKNOWN_NUMBER : Number(value)),
    get: valueAt,
    move: (from, to) => (data[to] = data[from]!),
    grow: (capacity) => {
      const grown = new Float64Array(capacity).fill(UNKNOWN_NUMBER)
      grown.set(data)
      data = grown
    },
    equals: (values, out) => {
      const [first, ...others] = values.map(Number)
      if (others.length === 0)
        for (let place = 0; place < out.length; place++) out[place] = +(data[place] === first)
      else {
        const wanted = new Set([first, ...others])
        for (let place = 0; place < out.length; place++) out[place] = +wanted.has(data[place])
      }
    },
    keys: (place) => {
      const value = valueAt(place)
      return value === null ? [] : [String(value)]
    },
  }
}

/** Texts and lists of texts as codes of a dictionary, -1 where one is unknown: a condition looks its texts up there, and compares codes. */
export function textColumn(type: 'text' | 'texts'): Column {
  let codes = new Int32Array(0)
  let values: (string | readonly string[])[] = []
  let known = new Map<string, number>()
  /** Of lists: the codes of those that hold a text. */
  let holders = new Map<string, number[]>()
  const codeOf = (value: string | readonly string[]): number => {
    const key = typeof value === 'string' ? value : JSON.stringify(value)
    const found = known.get(key)
    if (found !== undefined) return found
    known.set(key, values.length)
    if (typeof value !== 'string')
      for (const each of new Set(value)) {
        const own = holders.get(each)
        if (own === undefined) holders.set(each, [values.length])
        else own.push(values.length)
      }
    return values.push(typeof value === 'string' ? value : Object.freeze([...value])) - 1
  }
  /** Drops the values that no item has where they are most of the dictionary: else a catalogue whose texts keep changing would grow for ever. */
  const compact = (): void => {
    if (values.length <= 2 * codes.length + 1000) return
    const old = values
    values = []
    known = new Map()
    holders = new Map()
    codes = codes.map((code) => (code < 0 ? code : codeOf(old[code]!)))
  }
  return {
    set: (place, value) => {
      codes[place] = value === null ? -1 : codeOf(value as string | readonly string[])
      compact()
    },
    get: (place) => values[codes[place]!] ?? null,
    move: (from, to) => (codes[to] = codes[from]!),
    grow: (capacity) => {
      const grown = new Int32Array(capacity).fill(-1)
      grown.set(codes)
      codes = grown
    },
    equals: (wanted, out) => {
      // Code -1 is at place 0.
      const table = new Uint8Array(values.length + 1)
      for (const value of wanted as readonly string[]) {
        if (type === 'text') table[(known.get(value) ?? -1) + 1] = 1
        else for (const code of holders.get(value) ?? []) table[code + 1] = 1
      }
      table[0] = 0
      for (let place = 0; place < out.length; place++) out[place] = table[codes[place]! + 1]!
    },
    keys: (place) => {
      const value = values[codes[place]!]
      return value === undefined ? [] : type === 'text' ? [value as string] : (value as readonly string[])
    },
  }
}

export const columnOf = (type: ItemAttributeType): Column =>
  type === 'number' || type === 'boolean' ? numberColumn(type) : textColumn(type)
