import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { gunzipSync } from 'node:zlib'
import { RESERVED } from '../../src/codes.ts'
import type { Sessions } from '../../src/data/index.ts'

export const sessionLogNames = ['diginetica', 'rsc15', 'g1'] as const

/** A log cut into windows: what was learnt from the first is measured on the second, and so on. */
export interface SessionLog {
  readonly windows: readonly Sessions[]
  readonly items: number
  readonly isTimed: boolean
  /** What it is, and how its preparation stands to that of the published figures. */
  readonly note: string
}

/** Some events of one session; a time in milliseconds each, where there are times. */
interface Session {
  readonly items: readonly number[]
  readonly times?: readonly number[]
}

export function sessionLog(name: (typeof sessionLogNames)[number], from: string): SessionLog {
  return { diginetica, rsc15, g1 }[name](from)
}

function diginetica(from: string): SessionLog {
  const folder = join(from, 'gcegnn_diginetica')
  const numbers = (text: string): number[] => text.split(' ').map((id) => Number(id) - 1)
  const train = lines(join(folder, 'train_sessions.txt.gz')).map((line) => ({ items: numbers(line) }))
  const test = lines(join(folder, 'test_prefix_target.txt.gz')).map((line) => ({
    items: numbers(line.replace('\t', ' ')),
  }))
  return {
    windows: [sessionsOf(train), sessionsOf(test)],
    items: 43_097,
    isTimed: false,
    note: "Diginetica as GCE-GNN divides it (SR-GNN's preparation: 186,670 sessions, 60,858 prefixes, without times). session-rec's single split is of the same raw log by the same rules (items from 5 events, the last 7 days), but its files are not here: near, and not the same.",
  }
}

function rsc15(from: string): SessionLog {
  const folder = join(from, 'rsc15_100k')
  const codes = new Map<string, number>()
  const read = (file: string): Session[] => {
    const rows = lines(join(folder, file))
      .slice(1)
      .map((line) => line.split('\t'))
    return grouped(rows, ([session, item, seconds]) => ({
      session: session!,
      item: codeOf(codes, item!),
      time: 1000 * Number(seconds),
    }))
  }
  const train = read('yoochoose-clicks-100k_train_full.txt.gz')
  const test = read('yoochoose-clicks-100k_test.txt.gz').flatMap(prefixes)
  return {
    windows: [sessionsOf(train), sessionsOf(test)],
    items: codes.size,
    isTimed: true,
    note: "session-rec's own prepared sample of 100,000 clicks of Yoochoose, every prefix of its test sessions: the same files, of which nothing is published.",
  }
}

/** Every prefix of a session with what came next. */
const prefixes = ({ items, times }: Session): Session[] =>
  items.slice(1).map((_, at) => ({
    items: items.slice(0, at + 2),
    ...(times && { times: times.slice(0, at + 2) }),
  }))

function g1(from: string): SessionLog {
  const codes = new Map<string, number>()
  const hours = new Map<string, string[][]>()
  for (const line of lines(join(from, 'g1_news', 'clicks.csv.gz')).slice(1)) {
    const row = line.split(',')
    const hour = hours.get(row[0]!)
    if (hour === undefined) hours.set(row[0]!, [row])
    else hour.push(row)
  }
  const windows = [...hours.values()]
    .map((rows) =>
      grouped(rows, (row) => ({ session: row[2]!, item: codeOf(codes, row[5]!), time: Number(row[6]) })),
    )
    .filter((sessions) => sessions.length >= 100)
  return {
    windows: windows.map((sessions) =>
      sessionsOf(
        sessions.map(({ items, times }) => ({ items: items.slice(0, 20), times: times!.slice(0, 20) })),
      ),
    ),
    items: codes.size,
    isTimed: true,
    note: 'G1 by hours as Transformers4Rec cuts it (1,048,556 sessions, 381 hours, the first 20 events): each hour is measured after all before it, and the mean is over hours. Which half of an hour its test is, is drawn anew.',
  }
}

const lines = (path: string): readonly string[] =>
  gunzipSync(readFileSync(path)).toString('utf8').trimEnd().split('\n')

function codeOf(codes: Map<string, number>, id: string): number {
  const found = codes.get(id) ?? codes.size
  codes.set(id, found)
  return found
}

/** Rows of a session, wherever they stand, by time. */
function grouped(
  rows: readonly string[][],
  read: (row: readonly string[]) => {
    readonly session: string
    readonly item: number
    readonly time: number
  },
): Session[] {
  const sessions = new Map<string, { item: number; time: number }[]>()
  for (const row of rows) {
    const { session, item, time } = read(row)
    const events = sessions.get(session)
    if (events === undefined) sessions.set(session, [{ item, time }])
    else events.push({ item, time })
  }
  return Array.from(sessions.values(), (events) => {
    events.sort((one, other) => one.time - other.time)
    return { items: events.map(({ item }) => item), times: events.map(({ time }) => time) }
  })
}

function sessionsOf(all: readonly Session[]): Sessions {
  const offsets = new Int32Array(all.length + 1)
  for (const [at, { items }] of all.entries()) offsets[at + 1] = offsets[at]! + items.length
  const items = new Int32Array(offsets[all.length]!)
  const times = all[0]?.times && new Float64Array(items.length)
  for (const [at, session] of all.entries()) {
    items.set(
      session.items.map((column) => column + RESERVED),
      offsets[at],
    )
    times?.set(session.times!, offsets[at])
  }
  return {
    count: all.length,
    offsets,
    items,
    categorical: {},
    continuous: {},
    ...(times && { times }),
    ids: all.map((_, at) => String(at)),
  }
}
