import { execFileSync } from 'node:child_process'
import { readFileSync, rmSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { expect, it } from 'vitest'
import { blockVariants } from '../src/blocks/variants.test-support.ts'
import { statistics as groupStatistics } from '../src/expressions/operators/statistics.ts'
import { lossOptionNames, losses } from '../src/heads/losses/index.ts'
import { aggregations } from '../src/inputs/index.ts'
import { combinerKinds, continuousKinds, fusionKinds, inputOptions } from '../src/inputs/input-options.ts'
import * as client from '../src/client/index.ts'
import * as ensuite from '../src/index.ts'
import * as vectorStore from '../src/vector-store/index.ts'
import { maskingKinds } from '../src/masking/index.ts'
import { endpoints } from '../src/serve/api/endpoints.ts'
import * as serving from '../src/serve/index.ts'
import { problems } from '../src/serve/problems.ts'

const root = fileURLToPath(new URL('..', import.meta.url))
/** What is exported is told to users: by design, never by accident. */
const HINT = 'Where a new name is meant to be public, add it to the list in test/surface.test.ts.'
const read = (file: string): string => readFileSync(new URL(`../${file}`, import.meta.url), 'utf8')

it('exports these names', () => {
  expect(Object.keys(ensuite).sort()).toMatchInlineSnapshot(`
    [
      "EnsuiteError",
      "baselines",
      "blocks",
      "catalogueFrom",
      "checkLeakage",
      "checkRules",
      "checkpointWeights",
      "createCatalogue",
      "createExplainer",
      "dropLowCardinality",
      "errorCodes",
      "evaluateHeads",
      "evaluateRanking",
      "features",
      "fitAndEvaluate",
      "fitBaseline",
      "fitSplit",
      "fittedWorkflowFromJson",
      "floors",
      "heads",
      "inferSchema",
      "itemCategories",
      "itemContent",
      "itemVectors",
      "loadEmbedder",
      "loadModel",
      "loadRecommender",
      "masking",
      "metrics",
      "model",
      "modelScorer",
      "nodeRuntime",
      "openPrepared",
      "prepare",
      "preparedWindows",
      "preset",
      "presetNames",
      "pretrainedTable",
      "readArtifact",
      "readBaseline",
      "readLookup",
      "readSchema",
      "recentPopularity",
      "runs",
      "saveArtifact",
      "saveBaseline",
      "schemas",
      "splitSessions",
      "timeLeak",
      "timeWindow",
      "train",
      "tune",
      "warmStart",
      "workflow",
      "writeSchema",
    ]
  `)
  expect(Object.keys(ensuite.blocks).sort(), HINT).toEqual([
    'albert',
    'bert',
    'blockKinds',
    'blockOfKind',
    'blockOptions',
    'distilbert',
    'electra',
    'fromHuggingFace',
    'gpt2',
    'gru',
    'hstu',
    'ligr',
    'llama',
    'longformer',
    'lrurec',
    'lstm',
    'mamba2',
    'roberta',
    'sasrec',
    'tisasrec',
    'transfoxl',
    'xlnet',
  ])
  expect(Object.keys(ensuite.baselines).sort(), HINT).toEqual([
    'baselineKinds',
    'baselineOfKind',
    'decayedMarkov',
    'ease',
    'itemKnn',
    'markov',
    'popularity',
    'recentPopularity',
    'sessionPopularity',
    'stan',
    'vsknn',
    'vstan',
  ])
  expect(Object.keys(ensuite.masking).sort(), HINT).toEqual([
    'causal',
    'masked',
    'maskingKinds',
    'maskingOfKind',
    'permuted',
    'replaced',
  ])
  expect(Object.keys(ensuite.heads).sort(), HINT).toEqual([
    'binary',
    'headKinds',
    'headOfKind',
    'losses',
    'multiClass',
    'nextItem',
    'regression',
  ])
})

it('the vector stores export these names, and their page shows the example that runs', () => {
  expect(Object.keys(vectorStore).sort(), HINT).toEqual([
    'approximateVectors',
    'exactVectors',
    'lanceVectors',
    'milvusVectors',
    'publishVectors',
  ])
  expect(read('docs/vector-stores.md')).toContain(`\`\`\`js\n${read('examples/vector-store.mjs')}\`\`\``)
  rmSync(new URL('../artifacts/vectors', import.meta.url), { recursive: true, force: true })
  const printed = execFileSync(process.execPath, ['examples/vector-store.mjs'], {
    cwd: root,
    encoding: 'utf8',
  })
  expect(printed).toBe('recall 1\nboot lamp\n')
  rmSync(new URL('../artifacts/vectors', import.meta.url), { recursive: true })
})

it('the server and its client export these names', () => {
  expect(Object.keys(serving).sort(), HINT).toEqual(['scopes', 'serve'])
  expect(Object.keys(client).sort(), HINT).toEqual(['RequestError', 'createClient'])
})

it('the page of serving names every address, and every code with its status and meaning', () => {
  const page = read('docs/serve.md')
  const missing = Object.values(endpoints).filter(({ path }) => !page.includes(path.replace(/.*:model/, '')))
  expect(missing, 'Add a row to docs/serve.md.').toEqual([])
  const rows = [...page.matchAll(/^\| `([A-Z_]+)`\s*\| (\d+)\s*\| (.*?)\s*\|$/gm)]
  expect(
    Object.fromEntries(rows.map(([, code, status, meaning]) => [code, [Number(status), meaning]])),
  ).toEqual(problems)
})

it("the README's example is the one that runs", () => {
  expect(read('README.md')).toContain(`\`\`\`js\n${read('examples/quickstart.mjs')}\`\`\``)
})

it('the example runs and recommends five products', () => {
  const printed = execFileSync(process.execPath, ['examples/quickstart.mjs'], { cwd: root, encoding: 'utf8' })
  expect(printed.trim().split('\n')).toHaveLength(5)
  for (const line of printed.trim().split('\n')) expect(line).toMatch(/^[ABCP]\d+ -?\d+\.\d\d$/)
  rmSync(new URL('../artifacts/quickstart', import.meta.url), { recursive: true })
})

it("the README's second example is the one that runs, too", () => {
  expect(read('README.md')).toContain(`\`\`\`js\n${read('examples/prepare.mjs')}\`\`\``)
  const printed = execFileSync(process.execPath, ['examples/prepare.mjs'], { cwd: root, encoding: 'utf8' })
  expect(printed).toBe(
    '18570 sessions, 135784 events\n' +
      'items of the first session: 20 33 2 30 125 43 73 192 85\n' +
      'online: [ 20, 33 ] [ null, false ]\n',
  )
  rmSync(new URL('../artifacts/prepared', import.meta.url), { recursive: true })
})

it('the page of features names every builder, and no other', () => {
  const page = read('docs/features.md')
  // As code, not as a word of a sentence: `part`, `f.part(` or `part(`.
  const missing = Object.keys(ensuite.features).filter(
    (name) => !new RegExp(`(\\x60(f\\.)?|\\bf\\.)${name}\\b`).test(page),
  )
  expect(missing, 'Add a line to docs/features.md.').toEqual([])
  const called = [...page.matchAll(/\bf\.([a-zA-Z]+)\(/g)].map(([, name]) => name!)
  expect(called.length).toBeGreaterThan(10)
  const statistics = page.split('\n').find((line) => line.includes('`groupStatistic`: ')) ?? ''
  for (const name of Object.keys(groupStatistics))
    expect(statistics, 'Add it to docs/features.md.').toMatch(new RegExp(`\\b${name}\\b`))
  for (const name of called) expect(Object.keys(ensuite.features)).toContain(name)
})

it('the page of blocks has a row of every block with its maskings, and one of every preset', () => {
  const [ofBlocks, ofPresets] = read('docs/blocks.md').split('## Presets')
  const row = (page: string, name: string): string =>
    page.split('\n').find((line) => line.startsWith(`| \`${name}\``)) ?? ''
  for (const { name, block } of blockVariants({ width: 8, layers: 1, heads: 1 })) {
    const said = row(ofBlocks!, block.kind).split('|').at(-2) ?? ''
    const missing = block.supports.filter((masking) => !said.includes(masking) && !/^ all /.test(said))
    expect(
      [name, said === '' || missing.length > 0],
      'Add a row, or its masking, to docs/blocks.md.',
    ).toEqual([name, false])
  }
  for (const name of ensuite.presetNames)
    expect([name, row(ofPresets!, name) !== ''], 'Add a row to docs/blocks.md.').toEqual([name, true])
})

it('the page of models names all that it can be made of', () => {
  const page = read('docs/models.md')
  const row = (name: string): string =>
    page.split('\n').find((line) => line.startsWith(`| \`${name}\``)) ?? ''
  const expected: readonly (readonly [where: string, text: string, names: readonly string[]])[] = [
    ['the page', page, [...lossOptionNames, ...inputOptions]],
    ['the row of aggregation', row('aggregation'), Object.keys(aggregations)],
    ['the row of continuous', row('continuous'), continuousKinds],
    ['the row of lists', row('lists'), combinerKinds],
    ['the row of context', row('context'), fusionKinds],
    ...[...maskingKinds, ...Object.keys(losses)].map(
      (kind) => [`a row of ${kind}`, row(kind), [kind]] as const,
    ),
    ...Object.entries(losses).map(
      ([kind, loss]) =>
        [
          `the row of ${kind}`,
          row(kind),
          [...loss.negatives, ...Object.keys(loss.options).filter((name) => name !== 'temperature')],
        ] as const,
    ),
  ]
  for (const [where, text, names] of expected)
    expect(
      names.filter((name) => !text.includes(`\`${name}\``)),
      `Missing in ${where} of docs/models.md.`,
    ).toEqual([])
})

it('a masking that a block does not go with is a compile error and a run-time error that names the right ones', () => {
  const { blocks, heads, model } = ensuite
  const { causal, masked, permuted, replaced } = ensuite.masking
  const schema = { items: 10, categorical: {}, continuous: [] }
  const size = { width: 8, layers: 1, heads: 1 }
  const rest = { heads: [heads.nextItem()] }
  // @ts-expect-error -- 'masked' is no masking of a causal block
  const wrong = (): unknown => model(schema, { ...rest, block: blocks.sasrec(size), masking: masked() })
  expect(wrong).toThrow(/sasrec.*masked.*causal/s)
  // @ts-expect-error -- nor 'causal' one of a block that looks both ways
  expect(() => model(schema, { ...rest, block: blocks.bert(size), masking: causal() })).toThrow(
    /masked, replaced/,
  )
  // @ts-expect-error -- and two streams are XLNet's alone
  expect(() => model(schema, { ...rest, block: blocks.bert(size), masking: permuted() })).toThrow(
    /masked, replaced/,
  )
  model(schema, { ...rest, block: blocks.bert(size), masking: replaced() })
  for (const masking of [causal(), masked(), permuted(), replaced()])
    model(schema, { ...rest, block: blocks.xlnet(size), masking })
})

it('a misspelt option is a compile error and a run-time error that names the nearest one', () => {
  // @ts-expect-error -- heads, not head
  expect(() => ensuite.blocks.sasrec({ width: 8, layers: 1, head: 1 })).toThrow(/Did you mean 'heads'/)
})
