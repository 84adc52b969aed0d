import { Command } from 'commander'
import { fileURLToPath } from 'node:url'
import { sasrec } from '../../blocks/index.ts'
import { expressions as f } from '../../expressions/index.ts'
import { nodeRuntime } from '../../graph/node.ts'
import { nextItem } from '../../heads/index.ts'
import { causal } from '../../masking/index.ts'
import { model } from '../../model.ts'
import { loadRecommender } from '../../recommend/index.ts'
import { workflow, type Event, type FeatureTable, type FittedWorkflow } from '../../workflow/index.ts'
import { endAtSignals } from '../end-at-signals.ts'
import { createOutput, protocolLine, rankingTable, table } from '../output.ts'
import { duration } from '../progress.ts'
import { number } from '../parse.ts'
import { runTraining } from '../training-run.ts'

const FILE = fileURLToPath(
  new URL('../../../examples/eshop-clothing/e-shop_clothing_2008.csv.gz', import.meta.url),
)
const ITEM = 'page.2..clothing.model.'
const COLUMNS = { session: 'session.ID', time: 'order' }
const FEATURES = ['colour', 'location', 'page']
const ATTRIBUTES = ['page.1..main.category.', 'colour', 'price']
const K = 10

/** What the numbers in the shop's columns stand for, from its description. */
const CATEGORIES = ['trousers', 'skirts', 'blouses', 'sale']
const COLOURS = [
  'beige',
  'black',
  'blue',
  'brown',
  'burgundy',
  'gray',
  'green',
  'navy blue',
  'many colours',
  'olive',
  'pink',
  'red',
  'violet',
  'white',
]

interface Flags {
  readonly out: string
  readonly overwrite: boolean
  readonly epochs: number
  readonly json: boolean
}

/** `ensuite demo`: the whole path on a real shop's clicks, which come with the package. */
export function demoCommand(): Command {
  const command = new Command('demo')
  return command
    .description(
      'train, evaluate and recommend on the clicks of a clothing shop (UCI, CC BY 4.0), in under two minutes',
    )
    .option('--out <folder>', 'where the artifact is written', 'artifacts/demo')
    .option('--overwrite', 'replace an artifact that is there; without --out that is done anyway', false)
    .option('--epochs <n>', 'most passes over the sessions', number, 30)
    .option('--json', 'print the result as one JSON object', false)
    .addHelpText('after', '\nExample:\n  $ ensuite demo')
    .action(async (flags: Flags) => {
      const output = createOutput(flags)
      output.note(
        'Clicks of a clothing shop, April to August 2008 (e-shop clothing 2008, UCI, CC BY 4.0; see examples/eshop-clothing).',
      )
      const run = {
        input: {
          events: { path: FILE },
          workflow: workflow({
            ...COLUMNS,
            item: ITEM,
            features: Object.fromEntries(FEATURES.map((name) => [name, f.category(name)])),
          }),
          split: { kind: 'random' as const, validation: 0.1, test: 0.1, seed: 1 },
          learnFromAll: false,
        },
        model: ({ schema }: FittedWorkflow) =>
          model(schema, {
            masking: causal(),
            block: sasrec({ width: 64, layers: 2, heads: 2, dropout: 0.2 }),
            heads: [nextItem()],
            maxLength: 30,
          }),
        resume: true,
        out: flags.out,
        overwrite: flags.overwrite || command.getOptionValueSource('out') === 'default',
        train: {
          ks: [K],
          filterSeen: false,
          epochs: flags.epochs,
          batchSize: 128,
          patience: 30,
          seed: 1,
          optimizer: { learningRate: 2e-3 },
          schedule: { decay: 'cosine' as const, warmup: 100 },
        },
      }
      const goOn = endAtSignals(
        output,
        '\nInterrupted. The same command goes on from the last checkpoint, if one was written.',
      )
      const { test, trained, seconds } = await runTraining(run, nodeRuntime(), output).finally(goOn)
      const metric = `ndcg@${K}` as const
      const margins = Object.fromEntries(
        Object.entries(test.floors).map(([name, floor]) => [
          name,
          (test.model[metric] ?? 0) / (floor[metric] ?? 1) - 1,
        ]),
      )
      const sessions = await recommendForSessions(flags.out)
      output.result(
        {
          artifact: flags.out,
          seconds,
          epochs: trained.history.length,
          test: { ...test.model, floors: test.floors },
          margins,
          sessions,
        },
        () =>
          [
            rankingTable(
              { sasrec: test.model, markov: test.floors.markov, popularity: test.floors.popularity },
              [metric, `recall@${K}`],
            ),
            `${protocolLine(test.model, test.split)}.`,
            `Better than the floors by ${Object.entries(margins)
              .map(([name, margin]) => `${(100 * margin).toFixed(1)} % (${name})`)
              .join(' and ')} in ${metric}.`,
            ...sessions.map(
              (session) =>
                `\nSession ${session.session} looked at\n${itemTable(session.events, false)}\nand next:\n${itemTable(session.recommended, true)}`,
            ),
            `\nTook ${duration(seconds)}. The artifact is in ${flags.out}: try  npx ensuite recommend ${flags.out} --items A13,A16`,
          ].join('\n'),
      )
    })
}

interface Shown {
  readonly item: string
  readonly attributes: readonly string[]
  readonly score?: number
}

/** Three sessions from the end of the log, of some length, with what the shop says of each product. */
async function recommendForSessions(artifact: string): Promise<
  readonly {
    readonly session: string
    readonly events: readonly Shown[]
    readonly recommended: readonly Shown[]
  }[]
> {
  const shown = await readTexts()
  const attributes = attributesByItem(shown)
  const recommender = await loadRecommender(artifact)
  try {
    const long = shown.sessionIds
      .flatMap((id, at) => (shown.offsets[at + 1]! - shown.offsets[at]! >= 4 ? [{ id, at }] : []))
      .slice(-3)
    return await Promise.all(
      long.map(async ({ id, at }) => {
        const events = Array.from({ length: 4 }, (_, event) => eventAt(shown, shown.offsets[at]! + event))
        const { items } = await recommender.recommend(events, { k: 3 })
        const show = (item: string): Shown => ({ item, attributes: attributes.get(item) ?? [] })
        return {
          session: id,
          events: events.map((event) => show(String(event[ITEM]))),
          recommended: items.map(({ item, score }) => ({ ...show(item), score })),
        }
      }),
    )
  } finally {
    await recommender.close()
  }
}

/** The log as it is written, a text a column. */
async function readTexts(): Promise<FeatureTable> {
  const columns = [...new Set([ITEM, ...FEATURES, ...ATTRIBUTES])]
  const texts = workflow({
    ...COLUMNS,
    features: Object.fromEntries(columns.map((name) => [name, f.column(name, 'text')])),
  })
  return (await texts.fit({ path: FILE })).table({ path: FILE })
}

const value = (shown: FeatureTable, column: string, event: number): string =>
  String(shown.features[column]![event])

const eventAt = (shown: FeatureTable, event: number): Event =>
  Object.fromEntries([ITEM, ...FEATURES].map((column) => [column, value(shown, column, event)]))

function attributesByItem(shown: FeatureTable): ReadonlyMap<string, readonly string[]> {
  const found = new Map<string, readonly string[]>()
  for (let event = 0; event < shown.rows.length; event++) {
    const item = value(shown, ITEM, event)
    if (found.has(item)) continue
    const [category, colour, price] = ATTRIBUTES.map((column) => value(shown, column, event)) as [
      string,
      string,
      string,
    ]
    found.set(item, [
      CATEGORIES[Number(category) - 1] ?? category,
      COLOURS[Number(colour) - 1] ?? colour,
      `$${price}`,
    ])
  }
  return found
}

const itemTable = (items: readonly Shown[], scored: boolean): string =>
  table(
    ['item', 'category', 'colour', 'price', ...(scored ? ['score'] : [])],
    items.map(({ item, attributes, score }) => [
      item,
      ...attributes,
      ...(score === undefined ? [] : [score.toFixed(2)]),
    ]),
  )
