import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { checkpoint } from '../../src/huggingface/checkpoint.test-support.ts'
import { settings } from '../../src/cli/training-settings.ts'
import { ensuite, plantedLog, type Ran } from './run.ts'

const folder = mkdtempSync(join(tmpdir(), 'ensuite-settings-'))
const at = (name: string): string => join(folder, name)
const columns = ['--session', 'session', '--item', 'item', '--time', 'time']
const small = ['--width', '8', '--layers', '1', '--epochs', '1', '-k', '1']

beforeAll(() => {
  // A number a row, beside the colour.
  const [head, ...rows] = plantedLog({ sessions: 40, length: 6, items: 12 }).trim().split('\n')
  const priced = rows.map((row, index) => `${row},${((index * 7) % 11) / 2}`)
  writeFileSync(at('clicks.csv'), `${[`${head!},price`, ...priced].join('\n')}\n`)
})
afterAll(() => rmSync(folder, { recursive: true, force: true }))

interface Described {
  readonly schema: { readonly categorical: object; readonly continuous: readonly string[] }
  readonly inputs: object
  readonly maxLength: number
  readonly masking: { readonly kind: string; readonly options: object }
  readonly block: { readonly kind: string; readonly options: object }
  readonly heads: readonly { readonly kind: string; readonly options: object }[]
}

const fromCheckpoint = ['--block-from', checkpoint('gpt2'), '--max-length', '8']

const train = (out: string, ...flags: readonly string[]): Promise<Ran> =>
  ensuite(['train', at('clicks.csv'), ...small, ...flags, '--json', '--out', at(out)])

async function trained(out: string, ...flags: readonly string[]): Promise<Described> {
  const { code, stderr } = await train(out, ...flags)
  expect([code, stderr]).toEqual([0, expect.any(String)])
  return (json(join(out, 'manifest.json')) as { readonly model: Described }).model
}

const json = (path: string): unknown => JSON.parse(readFileSync(at(path), 'utf8'))

/** A run a row: flags, and what the manifest says then. */
const runs: readonly (readonly [name: string, flags: readonly string[], model: object])[] = [
  [
    'inputs, and a masking with its probability',
    [
      ...['--categorical', 'colour', '--continuous', 'price', '--soft-embedding', '--aggregation', 'sum'],
      ...['--layer-norm', '--input-dropout', '0.1', '--swap-noise', '0.05'],
      ...['--block', 'xlnet', '--masking', 'permuted', '--mask-probability', '0.4', '--max-length', '5'],
      ...['--dropout', '0.3', '--label-smoothing', '0.1'],
    ],
    {
      schema: { categorical: { colour: 4 }, continuous: ['price'] },
      inputs: { continuous: 'soft', aggregation: 'sum', layerNorm: true, dropout: 0.1, swapNoise: 0.05 },
      masking: { kind: 'permuted', options: { probability: 0.4 } },
      block: { kind: 'xlnet', options: { width: 8, layers: 1, heads: 2, dropout: 0.3 } },
      heads: [{ kind: 'next-item', options: { loss: 'full-softmax', labelSmoothing: 0.1 } }],
      maxLength: 5,
    },
  ],
  [
    'a loss with negatives, and a table of the head',
    [
      ...['--loss', 'gbce', '--negatives', '7', '--negatives-from', 'shared', '--distribution', 'frequency'],
      ...['--untied', '--item-bias', '--similarity', 'cosine', '--projection', 'tanh'],
    ],
    {
      masking: { kind: 'causal' },
      block: { kind: 'sasrec' },
      heads: [
        {
          kind: 'next-item',
          options: {
            ...{ loss: 'gbce', negatives: 7, negativesFrom: 'shared', distribution: 'frequency' },
            ...{ tieWeights: false, bias: true, similarity: 'cosine', projection: 'tanh' },
          },
        },
      ],
    },
  ],
  [
    'a recurrent block that reads both ways',
    ['--block', 'lstm', '--bidirectional'],
    { block: { kind: 'lstm', options: { bidirectional: true } }, masking: { kind: 'masked' } },
  ],
  [
    'a window, and the event that sees beyond it',
    ['--block', 'longformer', '--window', '4', '--global', 'last'],
    { block: { kind: 'longformer', options: { window: 4, global: 'last' } }, masking: { kind: 'masked' } },
  ],
  [
    'published, but for what flags say',
    ['--preset', 'gsasrec', '--negatives', '3'],
    {
      block: { kind: 'sasrec', options: { width: 8, dropout: 0.5, activation: 'relu' } },
      heads: [{ options: { loss: 'gbce', negatives: 3, prior: false, tieWeights: false } }],
      maxLength: 200,
    },
  ],
  [
    'keys and values that are shared',
    ['--block', 'llama', '--heads', '4', '--key-value-heads', '2', '--expansion', '2'],
    { block: { kind: 'llama', options: { heads: 4, keyValueHeads: 2, expansion: 2 } } },
  ],
  [
    'without times',
    ['--block', 'hstu', '--without-times'],
    { block: { kind: 'hstu', options: { times: false } } },
  ],
  [
    'the first masking of a block',
    ['--block', 'bert'],
    { block: { kind: 'bert' }, masking: { kind: 'masked' } },
  ],
  [
    'another masking of a block',
    ['--block', 'bert', '--heads', '1', '--masking', 'replaced', '--mask-probability', '0.5'],
    { block: { options: { heads: 1 } }, masking: { kind: 'replaced', options: { probability: 0.5 } } },
  ],
]

describe('flags reach the manifest', () => {
  it.each(runs)('%s', async (name, flags, model) => {
    expect(await trained(name.slice(0, 6).trim(), ...columns, ...flags)).toMatchObject(model)
  })

  it('a block that reads times asks for them, in training and in recommending', async () => {
    const without = await train('untimed', '--session', 'session', '--item', 'item', '--block', 'hstu')
    expect([without.code, without.stderr]).toEqual([
      2,
      expect.stringContaining("Block 'hstu' needs sessions with times"),
    ])
    const { block } = await trained('timed', ...columns, '--block', 'hstu')
    expect(block.options).toMatchObject({ times: true })
    const items = await ensuite(['recommend', at('timed'), '--items', 'i1,i2', '-k', '2', '--json'])
    expect([items.code, items.stderr]).toEqual([2, expect.stringContaining('these events tell no times')])
    const events = JSON.stringify(
      [1, 2].map((hour) => ({ item: `i${hour}`, time: `2024-01-01T0${hour}:00:00Z` })),
    )
    const answer = await ensuite(['recommend', at('timed'), '--events', events, '-k', '2', '--json'])
    expect([answer.code, answer.stderr]).toEqual([0, expect.any(String)])
    expect((JSON.parse(answer.stdout) as { items: unknown[] }).items).toHaveLength(2)
  })

  it.each([
    [['--block', 'gru', '--heads', '2', '--width', '16'], '--heads: '],
    [['--width', '16', '--block', 'gpt2', '--expansion', '2'], '--expansion: '],
    [['--block', 'tisasrec', '--without-times', '--width', '16'], '--without-times: '],
  ])('of %j the flag is named that does not fit', async (flags, named) => {
    const { code, stderr } = await train('refused', ...columns, ...flags)
    expect([code, stderr]).toEqual([2, expect.stringContaining(named)])
  })

  it('those of the training are kept beside it', async () => {
    await trained(
      'kept',
      ...columns,
      ...['--batch-size', '16', '--learning-rate', '0.01', '--weight-decay', '0.02', '--clip-norm', '2'],
      ...['--schedule', 'cosine', '--warmup', '1', '--length-pool', '2', '--seed', '5', '--patience', '4'],
      ...['--keep-seen', '--learn-from', 'all', '--split', 'random', '--test', '0.2'],
      ...['--optimizer', 'sgd', '--momentum', '0.5', '--accumulate', '2', '--average-decay', '0.9'],
    )
    expect(json('kept/training.json')).toEqual({
      learnFrom: 'all',
      leakage: expect.any(Array) as unknown,
      run: expect.stringMatching(/^[0-9a-f]{64}$/) as unknown,
      train: {
        ...{ epochs: 1, batchSize: 16, lengthPool: 2, seed: 5, patience: 4, ks: [1], filterSeen: false },
        optimizer: {
          ...{ kind: 'sgd', learningRate: 0.01, weightDecay: 0.02, clipNorm: 2 },
          ...{ momentum: 0.5, nesterov: false },
        },
        ...{ accumulate: 2, averaging: { decay: 0.9 } },
        schedule: { decay: 'cosine', warmup: 1, floor: 0, cycles: 1 },
      },
    })
  })

  it('a number is normalised on the training part, also where the columns are guessed', async () => {
    const named = [...columns, '--continuous', 'price']
    expect(await trained('named', ...named)).toMatchObject({ schema: { continuous: ['price'] } })
    // Guessed as categorical, since it has few values.
    const guessed = ['--continuous', 'price', '--categorical', 'colour']
    expect(await trained('guessed', ...guessed)).toMatchObject({
      schema: { categorical: { colour: 4 }, continuous: ['price'] },
    })
    for (const name of ['named', 'guessed']) {
      const { definition } = json(`${name}/workflow.json`) as { definition: { features: { price: object } } }
      expect(definition.features.price).toMatchObject({ op: 'normalize' })
    }
  })

  it('a block starts from a checkpoint, which is kept beside it, and trains the same model again', async () => {
    const { code, stderr } = await ensuite([
      ...['train', at('clicks.csv'), ...columns, ...fromCheckpoint, '--epochs', '1', '-k', '1'],
      ...['--dropout', '0', '--out', at('imported')],
    ])
    expect([code, stderr]).toEqual([0, expect.any(String)])
    expect(json('imported/training.json')).toMatchObject({ blockFrom: checkpoint('gpt2') })
    expect(json('imported/manifest.json')).toMatchObject({
      model: { block: { kind: 'gpt2', options: { width: 16, dropout: 0 } } },
    })
    const printed = await ensuite(['inspect', at('imported'), '--json'])
    expect(JSON.parse(printed.stdout)).toMatchObject({ model: { block: { from: checkpoint('gpt2') } } })
    expect((await ensuite(['inspect', at('imported')])).stdout).toMatch(/^block from +.*gpt2$/m)

    writeFileSync(at('imported.json'), printed.stdout)
    const again = ['train', at('clicks.csv'), '--config', at('imported.json'), '--out', at('imported-again')]
    expect((await ensuite(again)).code).toBe(0)
    const weights = (name: string): Buffer => readFileSync(at(`${name}/weights.safetensors`))
    expect(weights('imported-again').equals(weights('imported'))).toBe(true)
  })

  it('no flag is left out here', () => {
    const tested = [...fromCheckpoint, ...runs.flatMap(([, flags]) => flags)]
    const inModel = Object.entries(settings)
      .filter(([heading]) => heading !== 'Training:')
      .flatMap(([, rows]) => rows.map(({ flag }) => flag.split(' ')[0]!))
    expect(inModel.filter((flag) => ![...tested, ...small].includes(flag))).toEqual([])
  })
})

const config = (name: string, value: object): readonly string[] => {
  writeFileSync(at(name), JSON.stringify(value))
  return ['--config', at(name)]
}

describe('one config for everything', () => {
  const whole = {
    workflow: {
      session: 'session',
      time: { op: 'column', options: { name: 'time', type: 'seconds' } },
      features: {
        item: { op: 'categorify', inputs: [{ op: 'column', options: { name: 'item', type: 'text' } }] },
        colour: { op: 'categorify', inputs: [{ op: 'column', options: { name: 'colour', type: 'text' } }] },
        shade: { op: 'categorify', inputs: [{ op: 'column', options: { name: 'colour', type: 'text' } }] },
        price: {
          op: 'normalize',
          inputs: [{ op: 'column', options: { name: 'price', type: 'number' } }],
        },
      },
      item: 'item',
    },
    split: { kind: 'random', test: 0.2 },
    learnFrom: 'all',
    model: {
      inputs: { aggregation: 'item-product', continuous: 'each' },
      masking: { kind: 'replaced', options: { discriminator: 'separate' } },
      block: { kind: 'bert', options: { width: 8, layers: 1, heads: 2, activation: 'relu' } },
      heads: [
        { kind: 'next-item', options: { loss: 'bpr-max', negatives: 6 } },
        { kind: 'multi-class', options: { target: 'colour', summary: 'none' } },
        { kind: 'binary', options: { target: 'shade', name: 'isRed', positive: 'red', weight: 0.5 } },
        { kind: 'regression', options: { target: 'price', loss: 'huber' } },
      ],
      maxLength: 6,
    },
    train: {
      ...{ epochs: 2, batchSize: 16, ks: [2], optimizer: { beta2: 0.98 }, schedule: { warmup: 2 } },
      parts: [{ match: 'block', learningRate: 0.5 }],
    },
  }

  it('trains, is printed back, and trains the same model again', async () => {
    const first = await ensuite([
      ...['train', at('clicks.csv'), ...config('whole.json', whole), '--json', '--out', at('whole')],
    ])
    expect([first.code, first.stderr]).toEqual([0, expect.any(String)])
    const printed = await ensuite(['inspect', at('whole'), '--json'])
    expect(printed.code).toBe(0)
    const back = JSON.parse(printed.stdout) as typeof whole
    const { heads: printedHeads, ...model } = back.model
    const { heads: _, ...asked } = whole.model
    expect(back).toMatchObject({ learnFrom: 'all', train: whole.train })
    expect(back.split).toEqual({ kind: 'random', validation: 0.1, test: 0.2, seed: 1 })
    expect(model).toMatchObject(asked)
    expect(printedHeads.map(({ kind }) => kind)).toEqual(whole.model.heads.map(({ kind }) => kind))
    // What the vocabulary of the target says.
    expect(printedHeads[1]!.options).toMatchObject({ classes: 2 })
    expect(printedHeads[2]!.options).toMatchObject({ positive: 3, name: 'isRed' })

    writeFileSync(at('printed.json'), printed.stdout)
    const again = ['train', at('clicks.csv'), '--config', at('printed.json'), '--out', at('again')]
    expect((await ensuite(again)).code).toBe(0)
    const [there, here] = ['whole', 'again'].map((name) => json(`${name}/manifest.json`) as Manifest)
    expect(here!.model).toEqual(there!.model)
    // The same run: the same weights.
    expect(here!.files['weights.safetensors']).toEqual(there!.files['weights.safetensors'])
    expect((await ensuite(['inspect', at('again'), '--json'])).stdout).toBe(printed.stdout)
  })

  interface Manifest {
    readonly model: object
    readonly files: Readonly<Record<string, object>>
  }

  it('is told to people, too', async () => {
    const { code, stdout } = await ensuite(['inspect', at('whole')])
    expect(code).toBe(0)
    for (const line of [
      /^schema +12 items, colour \(2 values\), shade \(2 values\), price \(number\)$/m,
      /^masking +replaced: probability 0\.2, .*discriminator separate/m,
      /^block +bert: .*activation relu, .*width 8, layers 1, heads 2$/m,
      /^head +regression: target price/m,
      /^split +random: validation 0\.1, test 0\.2, seed 1$/m,
      /^training +epochs 2, batchSize 16, .*ks 2/m,
      /^optimizer +.*beta2 0\.98, /m,
      /^part +match block, learningRate 0\.5$/m,
      /^epochs +2 trained, the best was [12](, at update \d+)? \(0\.\d+\)$/m,
      /│ item +│ +1 │ +112 │ +448 │/,
      /│ weights\.safetensors │ +[\d,]+ │ [0-9a-f]{12}…/,
      /│ popularity │/,
    ])
      expect(stdout).toMatch(line)
  })

  it('flags go before it, and only those that are given', async () => {
    const given = ['--epochs', '1', '--loss', 'bce', '--layers', '2', '--seed', '3', '--aggregation', 'stack']
    const path = ['--config', at('whole.json')]
    const run = await ensuite(['train', at('clicks.csv'), ...path, ...given, '--out', at('flags')])
    expect([run.code, run.stderr]).toEqual([0, expect.any(String)])
    const printed = JSON.parse((await ensuite(['inspect', at('flags'), '--json'])).stdout) as typeof whole
    expect(printed).toMatchObject({
      split: { kind: 'random', test: 0.2, seed: 3 },
      model: {
        inputs: { aggregation: 'stack', continuous: 'each' },
        block: { kind: 'bert', options: { width: 8, layers: 2, activation: 'relu' } },
        // Another loss starts anew.
        heads: [{ kind: 'next-item', options: { loss: 'bce', negatives: 256 } }, {}, {}, {}],
      },
      train: { epochs: 1, batchSize: 16, seed: 3, ks: [2] },
    })
  })

  it('goes with columns that are named, with prepared folders, and as a module', async () => {
    const { model, train: training } = whole
    const parts = { model: { block: model.block, maxLength: 4 }, train: { ...training, epochs: 1 } }
    const named = await trained('columns', ...columns, ...config('parts.json', parts))
    expect(named).toMatchObject({ maxLength: 4, masking: { kind: 'masked' }, schema: { continuous: [] } })

    const prepare = ['prepare', at('clicks.csv'), '--config', at('whole.json'), '--out', at('prepared')]
    expect((await ensuite(prepare)).code).toBe(0)
    const { workflow } = whole
    const prepared = (path: readonly string[]) =>
      ensuite([
        'train',
        at('prepared'),
        ...path,
        ...small,
        '--overwrite',
        '--json',
        '--out',
        at('from-prepared'),
      ])
    const fitting = await prepared(config('fitting.json', { workflow, ...parts }))
    expect([fitting.code, fitting.stderr]).toEqual([0, expect.any(String)])
    const { colour: _, ...fewer } = workflow.features
    const other = await prepared(config('other.json', { workflow: { ...workflow, features: fewer } }))
    expect(other).toMatchObject({ code: 2, stderr: expect.stringMatching(/another workflow/) as string })

    const own = new URL('../../dist/index.js', import.meta.url).href
    writeFileSync(
      at('config.mjs'),
      `import { blocks, heads, masking, workflow } from '${own}'\n` +
        `export const config = { workflow: workflow({ session: 'session', item: 'item' }), model: {\n` +
        `  masking: masking.masked({ probability: 0.4 }), block: blocks.xlnet({ width: 4, layers: 1, heads: 1 }),\n` +
        `  heads: [heads.nextItem({ bias: true })] } }\n`,
    )
    const made = ['--config', at('config.mjs'), '--epochs', '1', '-k', '1', '--out', at('made')]
    expect((await ensuite(['train', at('clicks.csv'), ...made])).code).toBe(0)
    expect(json('made/manifest.json')).toMatchObject({
      model: {
        masking: { kind: 'masked', options: { probability: 0.4 } },
        block: { kind: 'xlnet', options: { width: 4 } },
        heads: [{ kind: 'next-item', options: { bias: true } }],
      },
    })
  })
})

it('the config of docs/train.md trains', async () => {
  const [, text] = /## One config for everything\n.*?```json\n(.*?)```/s.exec(
    readFileSync('docs/train.md', 'utf8'),
  )!
  writeFileSync(at('docs.json'), text!)
  const [, ...rows] = readFileSync(at('clicks.csv'), 'utf8').trim().split('\n')
  const log = rows.map((row) => row.replace(/,(\d{10}),/, ',$1000,')).join('\n')
  writeFileSync(at('docs.csv'), `session_id,item_id,timestamp,colour,price\n${log}\n`)
  const flags = ['--width', '8', '--epochs', '1', '-k', '1', '--out', at('docs')]
  const ran = await ensuite(['train', at('docs.csv'), '--config', at('docs.json'), ...flags])
  expect([ran.code, ran.stderr]).toEqual([0, expect.any(String)])
  expect(json('docs/training.json')).toMatchObject({ train: { schedule: { decay: 'cosine', warmup: 0 } } })
})

it('train --help has its flags in groups, and docs/train.md has them all', async () => {
  const { stdout } = await ensuite(['train', '--help'])
  for (const heading of ['Events:', 'Columns:', 'Config:', 'Split:', ...Object.keys(settings), 'Run:'])
    expect(stdout).toContain(`\n${heading}\n`)
  const page = readFileSync('docs/train.md', 'utf8')
  const flags = Object.values(settings).flatMap((rows) => rows.map(({ flag }) => flag))
  expect(flags.filter((flag) => !page.includes(`\`${flag}\``))).toEqual([])
})

it('recommend prints what the other heads predict', async () => {
  const heads = [
    { kind: 'next-item', options: {} },
    { kind: 'regression', options: { target: 'price' } },
    { kind: 'binary', options: { target: 'colour', positive: 'red', name: 'red' } },
  ]
  writeFileSync(at('heads.json'), JSON.stringify({ model: { heads } }))
  await trained(
    'several',
    ...columns,
    '--categorical',
    'colour',
    '--continuous',
    'price',
    '--config',
    at('heads.json'),
  )
  const { stdout } = await ensuite(['recommend', at('several'), '--items', 'i1', '--json'])
  const { items, predictions } = JSON.parse(stdout) as {
    items: unknown[]
    predictions: Record<string, number>
  }
  expect(items.length).toBeGreaterThan(0)
  expect(predictions['price']).toEqual(expect.any(Number))
  expect(predictions['red']).toBeGreaterThan(0)
  expect(predictions['red']).toBeLessThan(1)
  const shown = await ensuite(['recommend', at('several'), '--items', 'i1'])
  expect(shown.stdout).toMatch(
    /price: -?\d+\.\d{4} \(normalised; -?\d+\.\d{4} in the unit of the column\)\nred: 0\.\d{4}/,
  )
})
