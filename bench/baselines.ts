import { Command, Option } from 'commander'
import { baselineOfKind } from '../src/baselines/index.ts'
import { table } from '../src/cli/output.ts'
import { selectSessions, type Sessions } from '../src/data/index.ts'
import { evaluateRanking } from '../src/evaluate/index.ts'
import { createRandom, type Random } from '../src/random.ts'
import { publishedBaselines } from './data/published-baselines.ts'
import { sessionLog, sessionLogNames } from './data/session-logs.ts'
import { count, note } from './flags.ts'

/** Baselines on logs that others have published figures of, beside these. Every window is measured after all before it; the mean is over windows. */
interface Flags {
  readonly data: (typeof sessionLogNames)[number]
  readonly from: string
  readonly share?: number
  readonly windows?: number
  readonly seed: number
  readonly only?: readonly string[]
  readonly options: string
}

const program = new Command('bench:baselines')
  .addOption(new Option('--data <name>', 'which log').choices(sessionLogNames).default('diginetica'))
  .option('--from <folder>', 'where the data is', '../shared/data')
  .option('--share <p>', 'of the sessions of a window that are measured; default all, of g1 half', Number)
  .option('--windows <n>', 'the first ones alone', count)
  .option('--seed <n>', 'which sessions', count, 1)
  .option('--only <kinds...>', 'of the baselines')
  .option('--options <json>', 'in place of those that figures are published of', '{}')
const { data, from, share, windows: most, seed, only, options: others } = program.parse().opts<Flags>()

const measuredShare = share ?? (data === 'g1' ? 0.5 : 1)

/** Drawn anew for each baseline in the same way: all are measured on the same sessions. */
function drawn(sessions: Sessions, random: Random): Sessions {
  const kept = Array.from({ length: sessions.count }, (_, at) => at).filter(
    () => random.uniform() < measuredShare,
  )
  return selectSessions(sessions, Int32Array.from(kept))
}

const log = sessionLog(data, from)
const second = data === 'g1' ? 'ndcg@20' : 'mrr@20'
const rows: string[][] = []
for (const { kind, options = {}, published } of publishedBaselines[data]) {
  if (only !== undefined && !only.includes(kind)) continue
  const random = createRandom(seed)
  const baseline = baselineOfKind(kind, { ...options, ...(JSON.parse(others) as object) })
  const [first, ...further] = log.windows.slice(0, most)
  const began = performance.now()
  const fitted = baseline.fit(first!, { items: log.items })
  const results: { readonly hitRate: number; readonly second: number }[] = []
  let measured = 0
  for (const [at, sessions] of further.entries()) {
    const result = await evaluateRanking(fitted, drawn(sessions, random), { ks: [20], filterSeen: false })
    measured += result.sessions
    results.push({ hitRate: result['recall@20']!, second: result[second]! })
    if (at + 1 < further.length) fitted.update(sessions)
  }
  const mean = (of: 'hitRate' | 'second'): string =>
    (results.reduce((sum, each) => sum + each[of], 0) / results.length).toFixed(4)
  const seconds = (performance.now() - began) / 1000
  rows.push([
    kind,
    mean('hitRate'),
    published?.[0].toFixed(4) ?? '',
    mean('second'),
    published?.[1].toFixed(4) ?? '',
    String(measured),
    seconds.toFixed(0),
  ])
  note(rows.at(-1)!.join('  '))
}
console.log(table(['', 'HR@20', 'published', second, 'published', 'measured', 's'], rows))
console.log(log.note)
