import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { availableParallelism, tmpdir } from 'node:os'
import { join } from 'node:path'
import { Command, Option } from 'commander'
import { encodeArtifact } from '../src/artifact/encode-artifact.ts'
import { sha256 } from '../src/artifact/sha256.ts'
import { blockOfKind } from '../src/blocks/index.ts'
import { table } from '../src/cli/output.ts'
import { fitSplit, itemContent } from '../src/data/index.ts'
import { nodeRuntime } from '../src/graph/node.ts'
import { nextItem } from '../src/heads/index.ts'
import { pretrainedTable } from '../src/inputs/index.ts'
import { maskingOfKind } from '../src/masking/index.ts'
import { model } from '../src/model.ts'
import { createRandom } from '../src/random.ts'
import { loadRecommender } from '../src/recommend/index.ts'
import { train } from '../src/train/index.ts'
import { count, counts, note } from './flags.ts'
import { itemLogNames, itemLog, type Click, type ItemLog } from './data/item-log.ts'

/**
 * What a new item is worth on its first day: a share of the items is held out of training entirely, added by content alone, and looked for in the sessions of others that clicked it.
 * Beside it: popularity as training knows it, popularity as the clicks before the one in question tell it, which knows the new items, and chance.
 */
interface Flags {
  readonly data: (typeof itemLogNames)[number]
  readonly from: string
  readonly share: number
  readonly cases: number
  readonly epochs: number
  readonly width: number
  readonly hidden: readonly number[]
  readonly contentDropout: number
  readonly block: string
  readonly masking: string
  readonly dropout: number
  readonly rate: number
  readonly threads: number
  readonly seed: number
}

const K = 20
const program = new Command('bench:new-items')
  .description(`recall@${K} of clicks on items that training has never seen`)
  .addOption(new Option('--data <name>', 'which log').choices(itemLogNames).default('clothing'))
  .option('--from <folder>', 'where the data is', '../shared/data')
  .option('--share <p>', 'of items that are held out', Number, 0.1)
  .option('--cases <n>', 'clicks that are looked for', count, 2000)
  .option('--epochs <n>', 'of training', count, 10)
  .option('--width <n>', 'of items and states', count, 64)
  .option('--hidden <n,n>', 'layers of the content', counts, [])
  .option('--content-dropout <p>', 'share of items without their own vector in an update', Number, 0.5)
  .option('--block <kind>', 'architecture', 'sasrec')
  .option('--masking <kind>', 'masking', 'causal')
  .option('--dropout <p>', 'of the block', Number, 0.2)
  .option('--rate <r>', 'learning rate', Number, 1e-3)
  .option('--threads <n>', 'of the runtime', count, availableParallelism())
  .option('--seed <n>', 'which items, cases and starting values', count, 1)
const flags = program.parse().opts<Flags>()
const log = itemLog(flags.data, flags.from)
const random = createRandom(flags.seed)
const items = [...new Set(log.sessions.flatMap((session) => session.map(({ item }) => item)))].sort()
const heldOut = new Set(shuffled(items).slice(0, Math.round(flags.share * items.length)))
const cut = Math.floor(0.8 * log.sessions.length)
const [learnt, tested] = [log.sessions.slice(0, cut), log.sessions.slice(cut)]
const folder = mkdtempSync(join(tmpdir(), 'ensuite-new-items-'))
const artifact = join(folder, 'artifact')
try {
  const known = learnt.map((session) => session.filter(({ item }) => !heldOut.has(item)))
  await trainOn(known, log)
  const recommender = await loadRecommender(artifact, { threads: flags.threads })
  await recommender.addItems(
    [...heldOut].map((item) => ({ columns: { item, ...log.columns(item) }, vectors: log.vectors(item) })),
  )
  const cases = shuffled(
    tested.flatMap((session) =>
      session.flatMap(({ item }, at) =>
        at > 0 && heldOut.has(item) && session.slice(0, at).every((before) => before.item !== item)
          ? [{ before: session.slice(0, at), item }]
          : [],
      ),
    ),
  ).slice(0, flags.cases)
  const counted = { trained: countOf(known), all: countOf(log.sessions) }
  const results = await Promise.all(
    cases.map(async ({ before, item }) => {
      const events = before.slice(-50).map((click) => ({ item: click.item, ...log.columns(click.item) }))
      const answer = await recommender.recommend(events, { k: K, excludeSeen: log.excludeSeen })
      const seen = new Set(log.excludeSeen ? before.map((click) => click.item) : [])
      const popular = (counts: ReadonlyMap<string, number>): boolean => {
        const own = counts.get(item) ?? 0
        const above = items.filter((other) => !seen.has(other) && (counts.get(other) ?? 0) > own).length
        return own > 0 && above < K
      }
      return {
        model: answer.items.some((found) => found.item === item),
        new: answer.items.filter((found) => heldOut.has(found.item)).length / K,
        popular: popular(counted.trained),
        known: popular(counted.all),
        random: K / (items.length - seen.size),
      }
    }),
  )
  await recommender.close()
  const share = (of: (result: (typeof results)[number]) => number | boolean): number =>
    results.reduce((sum, result) => sum + Number(of(result)), 0) / results.length
  const [ours, popular, oracle, chance] = [
    share(({ model }) => model),
    share((result) => result.popular),
    share((result) => result.known),
    share((result) => result.random),
  ] as const
  const row = (name: string, recall: number): readonly string[] => [
    name,
    recall.toFixed(4),
    recall === 0 ? '–' : `${(ours / recall).toFixed(1)} ×`,
  ]
  console.log(
    table(
      [flags.data, `recall@${K}`, 'ours ÷ it'],
      [
        row('ours, by content alone', ours),
        row('popularity in training', popular),
        row('popularity in all clicks, those to come too', oracle),
        row('chance', chance),
      ],
    ),
  )
  console.log(
    `${heldOut.size} of ${items.length} items held out, ${results.length} clicks on them in sessions of others; of what is recommended ${(100 * share((result) => result.new)).toFixed(1)} % is new`,
  )
} finally {
  rmSync(folder, { recursive: true, force: true })
}

async function trainOn(
  sessions: readonly (readonly Click[])[],
  { workflow, names, vectors }: ItemLog,
): Promise<void> {
  const file = join(folder, 'events.csv')
  const lines = sessions.flatMap((session, at) =>
    session.map(({ item }, place) =>
      [at, place, item, ...names.map((name) => log.columns(item)[name] ?? '')].join(','),
    ),
  )
  writeFileSync(file, [['session', 'time', 'item', ...names].join(','), ...lines].join('\n'))
  const { fitted, ...parts } = await fitSplit(
    workflow,
    { path: file, format: 'csv' },
    { kind: 'leave-one-out' },
  )
  const codes = fitted.vocabulary('item')
  const given = new Map(codes.values.map((item) => [item, vectors(item)] as const))
  const tables = Object.keys(vectors(codes.values[0]!)).map(
    (name) =>
      [name, pretrainedTable(codes, new Map([...given].map(([item, own]) => [item, own[name]!])))] as const,
  )
  const made = model(fitted.schema, {
    inputs: {
      leaveOut: names,
      content: {
        features: names,
        vectors: Object.fromEntries(tables.map(([name, { width }]) => [name, width])),
        hidden: flags.hidden,
        dropout: flags.contentDropout,
      },
    },
    content: {
      ...(await itemContent(parts.train, fitted.schema, names)),
      ...Object.fromEntries(tables.map(([name, { values }]) => [name, values])),
    },
    masking: maskingOfKind(flags.masking),
    block: blockOfKind(flags.block, { width: flags.width, layers: 2, heads: 2, dropout: flags.dropout }),
    heads: [nextItem()],
    maxLength: 50,
  })
  const { weights } = await train(made, parts.train, {
    runtime: nodeRuntime({ threads: flags.threads }),
    validation: parts.validation,
    filterSeen: log.excludeSeen,
    epochs: flags.epochs,
    patience: 4,
    seed: flags.seed,
    optimizer: { learningRate: flags.rate },
    callbacks: [
      {
        onEpoch: ({ epoch, loss, seconds, validation }) => {
          note(
            `epoch ${epoch}: loss ${loss.toFixed(3)}, ndcg@10 ${validation!['ndcg@10']!.toFixed(4)}, ${seconds.toFixed(1)} s`,
          )
        },
      },
    ],
  })
  // Built benches lie too deep for `saveArtifact` to find the package's version.
  const files = encodeArtifact(
    { model: made, weights, workflow: fitted },
    { createdAt: new Date(), packageVersion: '0.0.0', sha256 },
  )
  mkdirSync(artifact)
  for (const [name, bytes] of files) writeFileSync(join(artifact, name), bytes)
}

function countOf(sessions: readonly (readonly Click[])[]): ReadonlyMap<string, number> {
  const found = new Map<string, number>()
  for (const session of sessions) for (const { item } of session) found.set(item, (found.get(item) ?? 0) + 1)
  return found
}

function shuffled<Value>(values: readonly Value[]): readonly Value[] {
  const keyed = values.map((value) => [random.uniform(), value] as const)
  return keyed.sort(([one], [other]) => one - other).map(([, value]) => value)
}
