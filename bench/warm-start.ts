import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { availableParallelism, tmpdir } from 'node:os'
import { join } from 'node:path'
import { Command, Option } from 'commander'
import { artifactFromFiles, warmStart, type Artifact } from '../src/artifact/index.ts'
import { encodeArtifact } from '../src/artifact/encode-artifact.ts'
import { sha256 } from '../src/artifact/sha256.ts'
import { blockOfKind } from '../src/blocks/index.ts'
import { table } from '../src/cli/output.ts'
import { RESERVED } from '../src/codes.ts'
import { splitSessions, type Sessions } from '../src/data/index.ts'
import type { EventSource } from '../src/events/index.ts'
import { nodeRuntime } from '../src/graph/node.ts'
import { nextItem } from '../src/heads/index.ts'
import { maskingOfKind } from '../src/masking/index.ts'
import { model, type Model } from '../src/model.ts'
import type { WarmStart } from '../src/model/warm-start.ts'
import { createRandom } from '../src/random.ts'
import { train, type Trained } from '../src/train/index.ts'
import { workflow, type FittedWorkflow } from '../src/workflow/index.ts'
import { count, note } from './flags.ts'
import { itemLog, itemLogNames, type Click } from './data/item-log.ts'

/**
 * What it is worth to go on from the last training: the first sessions of a log are trained on, as the last training; then all, once from scratch and once from the weights of the
 * first. Both validate on the same sessions, those that begin last. Said is how many epochs each takes to what the other was best at.
 */
interface Flags {
  readonly data: (typeof itemLogNames)[number]
  readonly from: string
  readonly share: number
  readonly newItems: number
  readonly only: 'all' | 'new'
  readonly epochs: number
  readonly patience: number
  readonly width: number
  readonly block: string
  readonly masking: string
  readonly dropout: number
  readonly rate: number
  readonly threads: number
  readonly seed: number
}

const METRIC = 'ndcg@10'
const program = new Command('bench:warm-start')
  .description(`epochs to the same ${METRIC}, from scratch and from the last training`)
  .addOption(new Option('--data <name>', 'which log').choices(itemLogNames).default('clothing'))
  .option('--from <folder>', 'where the data is', '../shared/data')
  .option('--share <p>', 'of the sessions, that the last training had', Number, 0.7)
  .option('--new-items <p>', 'of the items, that the last training did not have', Number, 0.1)
  .addOption(
    new Option('--only <which>', 'sessions that the next training has')
      .choices(['all', 'new'])
      .default('all'),
  )
  .option('--epochs <n>', 'of a training, at most', count, 30)
  .option('--patience <n>', 'epochs without a better one, after which it ends', count, 3)
  .option('--width <n>', 'of items and states', count, 64)
  .option('--block <kind>', 'architecture', 'sasrec')
  .option('--masking <kind>', 'masking', 'causal')
  .option('--dropout <p>', 'of the block', Number, 0.2)
  .option('--rate <r>', 'learning rate', Number, 1e-3)
  .option('--threads <n>', 'of the runtime', count, availableParallelism())
  .option('--seed <n>', 'of starting values and batches', count, 1)
const flags = program.parse().opts<Flags>()
const { sessions, excludeSeen } = itemLog(flags.data, flags.from)
const random = createRandom(flags.seed)
const items = [...new Set(sessions.flatMap((session) => session.map(({ item }) => item)))].sort()
const later = new Set(items.filter(() => random.uniform() < flags.newItems))
const cut = Math.floor(flags.share * sessions.length)
const end = Math.floor(0.9 * sessions.length)
const defined = workflow({ session: 'session', item: 'item' })
const folder = mkdtempSync(join(tmpdir(), 'ensuite-warm-start-'))
try {
  const first = await defined.fitTransform(
    eventsOf(
      'last',
      sessions.slice(0, cut).map((session) => session.filter(({ item }) => !later.has(item))),
    ),
  )
  note(`last: ${first.sessions.count} sessions, ${first.fitted.schema.items - RESERVED} items`)
  const known = splitSessions(first.sessions, {
    kind: 'random',
    seed: flags.seed,
    validation: 0.1,
    test: 0.1,
  })
  const last = await trained(modelOf(first.fitted), known.train, known.validation)
  const artifact = await artifactOf(last, first.fitted)
  const events = eventsOf('next', sessions.slice(flags.only === 'all' ? 0 : cut, end))
  const { fitted, sessions: next } = await defined.fitTransform(events, { extend: first.fitted })
  const validation = await fitted.transform(eventsOf('validation', sessions.slice(end)))
  note(`next: ${next.count} sessions, ${fitted.schema.items - RESERVED} items`)
  const cold = await trained(modelOf(fitted), next, validation)
  const warm = await trained(modelOf(fitted, warmStart(artifact, fitted)), next, validation)
  const best = Math.min(...[cold, warm].map((each) => each.best!.metric))
  const shares = [0.9, 0.95, 1]
  /** Epochs until it has these shares of what both reach. */
  const epochsOf = ({ history }: Trained): readonly number[] =>
    shares.map((part) => history.find(({ validation: found }) => found![METRIC]! >= part * best)!.epoch)
  const epochs = { cold: epochsOf(cold), warm: epochsOf(warm) }
  const row = (name: string, { history, best: own }: Trained, at: readonly number[]): readonly string[] => [
    name,
    history[0]!.validation![METRIC]!.toFixed(4),
    own!.metric.toFixed(4),
    ...at.map(String),
  ]
  console.log(
    table(
      [
        flags.data,
        `${METRIC} after one epoch`,
        'best',
        ...shares.map((part) => `epochs to ${(part * best).toFixed(4)}`),
      ],
      [row('from scratch', cold, epochs.cold), row('from the last training', warm, epochs.warm)],
    ),
  )
  const ratios = shares.map(
    (part, at) => `${(epochs.cold[at]! / epochs.warm[at]!).toFixed(1)} to ${100 * part} %`,
  )
  console.log(`Epochs from scratch ÷ epochs from the last training, of what both reach: ${ratios.join(', ')}`)
} finally {
  rmSync(folder, { recursive: true, force: true })
}

function eventsOf(name: string, of: readonly (readonly Click[])[]): EventSource {
  const path = join(folder, `${name}.csv`)
  const lines = of.flatMap((session, at) => session.map(({ item }) => `${name}${at},${item}`))
  writeFileSync(path, ['session,item', ...lines].join('\n'))
  return { path, format: 'csv' }
}

function modelOf({ schema }: FittedWorkflow, start?: WarmStart): Model {
  return model(schema, {
    masking: maskingOfKind(flags.masking),
    block: blockOfKind(flags.block, { width: flags.width, layers: 2, heads: 2, dropout: flags.dropout }),
    heads: [nextItem()],
    maxLength: 50,
    ...(start && { warmStart: start }),
  })
}

function trained(made: Model, sessions: Sessions, validation: Sessions): Promise<Trained> {
  return train(made, sessions, {
    runtime: nodeRuntime({ threads: flags.threads }),
    validation,
    filterSeen: excludeSeen,
    epochs: flags.epochs,
    patience: flags.patience,
    seed: flags.seed,
    optimizer: { learningRate: flags.rate },
    callbacks: [
      {
        onEpoch: ({ epoch, loss, seconds, validation: found }) => {
          note(
            `epoch ${epoch}: loss ${loss.toFixed(3)}, ${METRIC} ${found![METRIC]!.toFixed(4)}, ${seconds.toFixed(1)} s`,
          )
        },
      },
    ],
  })
}

/** As it would be read again, without a folder: built benches lie too deep for `saveArtifact` to find the package's version. */
async function artifactOf({ model: made, weights }: Trained, fitted: FittedWorkflow): Promise<Artifact> {
  return artifactFromFiles(
    encodeArtifact(
      { model: made, weights, workflow: fitted },
      { createdAt: new Date(), packageVersion: '0.0.0', sha256 },
    ),
    { sha256 },
  )
}
