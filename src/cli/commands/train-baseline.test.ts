import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Command } from 'commander'
import { afterAll, afterEach, expect, test, vi } from 'vitest'
import { readArtifact, readBaseline } from '../../artifact/index.ts'
import { baselineKinds } from '../../baselines/index.ts'
import { EnsuiteError } from '../../errors.ts'
import { expressions as f, type Expression } from '../../expressions/index.ts'
import { createRandom } from '../../random.ts'
import { definitionToJson } from '../../workflow/definition-json.ts'
import { workflow } from '../../workflow/index.ts'
import { evaluateCommand } from './evaluate.ts'
import { inspectCommand } from './inspect.ts'
import { prepareCommand } from './prepare.ts'
import { trainCommand } from './train.ts'
import { tuneCommand } from './tune.ts'

const folder = mkdtempSync(join(tmpdir(), 'ensuite-train-baseline-'))
afterAll(() => rmSync(folder, { recursive: true }))
afterEach(() => vi.restoreAllMocks())
const at = (name: string): string => join(folder, name)
const random = createRandom(2)
const rows = Array.from({ length: 60 }, (_, session) => {
  const start = random.below(20)
  return Array.from({ length: 3 + random.below(5) }, (__, event) =>
    [`s${session}`, `i${start + random.below(4)}`, 1.7e12 + 3_600_000 * session + 1000 * event].join(','),
  )
})
writeFileSync(at('clicks.csv'), `session,item,at\n${rows.flat().join('\n')}\n`)
const columns = ['--session', 'session', '--item', 'item', '--time', 'at']

interface Said {
  readonly out: string
  readonly notes: string
}

/** What a command prints, and what it says beside it. */
async function said(command: Command, ...given: readonly string[]): Promise<Said> {
  const written = { out: '', notes: '' }
  vi.spyOn(process.stdout, 'write').mockImplementation((text) => (written.out += String(text)) !== '')
  vi.spyOn(process.stderr, 'write').mockImplementation((text) => (written.notes += String(text)) !== '')
  await command.exitOverride().parseAsync([...given], { from: 'user' })
  return written
}
const train = (...given: readonly string[]): Promise<Said> => said(trainCommand(), ...given)
const json = ({ out }: Said): Record<string, unknown> => JSON.parse(out) as Record<string, unknown>

interface Figures {
  readonly 'ndcg@10': number
  readonly floors: { readonly popularity: object; readonly markov: object }
  readonly split: { readonly kind: string }
}

test.each(baselineKinds)('%s is made, measured as a model is, and measured again the same', async (kind) => {
  const made = await train(at('clicks.csv'), ...columns, '--baseline', kind, '--out', at(kind), '--json')
  const { test: measured, baseline } = json(made) as { test: Figures; baseline: { kind: string } }
  expect(baseline.kind).toBe(kind)
  expect(measured.split).toEqual({ kind: 'leave-one-out' })
  expect(measured['ndcg@10']).toBeGreaterThan(0)
  const saved = await readBaseline(at(kind))
  expect(saved.baseline.kind).toBe(kind)
  expect(saved.manifest.metrics['ndcg@10']).toBe(measured['ndcg@10'])
  expect(saved.sessions.times).toBeDefined()
  const again = await said(evaluateCommand(), at(kind), at('clicks.csv'), '--json')
  const { floors, split, ...model } = json(again) as unknown as Figures
  expect({ ...model, floors, split }).toMatchObject(measured)
  expect(readdirSync(folder).filter((name) => name.startsWith(`${kind}.`))).toEqual([])
})

test('options, cutoffs, a split and a seed; what inspect prints makes the same again', async () => {
  const asked = '{"kind": "vsknn", "options": {"neighbours": 7, "idfWeight": 2}}'
  const own = ['-k', '3,5', '--keep-seen', '--seed', '4', '--split', 'random', '--learn-from', 'all']
  const { out } = await train(at('clicks.csv'), ...columns, '--baseline', asked, ...own, '--out', at('first'))
  expect(out).toMatch(/vsknn[^]*markov[^]*popularity[^]*split random[^]*kept[^]*Fitted in .*Saved to/)
  const printed = await said(inspectCommand(), at('first'), '--json')
  expect(json(printed)).toMatchObject({
    baseline: { kind: 'vsknn', options: { neighbours: 7, idfWeight: 2 } },
    learnFrom: 'all',
    split: { kind: 'random', seed: 4 },
    train: { ks: [3, 5], filterSeen: false, seed: 4 },
  })
  expect(json(printed)).not.toHaveProperty('model')
  writeFileSync(at('first.json'), printed.out)
  await train(at('clicks.csv'), '--config', at('first.json'), '--out', at('second'))
  const [first, second] = [await readBaseline(at('first')), await readBaseline(at('second'))]
  expect(second.manifest.files).toEqual(first.manifest.files)
  // A flag goes before the config.
  await train(at('clicks.csv'), '--config', at('first.json'), '--baseline', 'markov', '--out', at('third'))
  expect((await readBaseline(at('third'))).baseline.kind).toBe('markov')
  const shown = await said(inspectCommand(), at('first'))
  expect(shown.out).toMatch(
    /baseline +vsknn: neighbours 7[^]*items +2\d[^]*with their times[^]*sessions\.safetensors/,
  )
  expect(shown.out).toMatch(/test[^]*ndcg@3[^]*vsknn[^]*popularity/)
})

test('evaluate says where it is another split, and measures a fresh one beside it', async () => {
  await train(at('clicks.csv'), ...columns, '--baseline', 'markov', '--out', at('old'), '--split', 'random')
  const { out, notes } = await said(
    evaluateCommand(),
    ...[at('old'), at('clicks.csv'), '--split', 'leave-one-out', '--baselines', 'vstan'],
  )
  expect(notes).toContain('trained with another split (random')
  expect(out).toMatch(/markov \(saved\)[^]*vstan[^]*markov [^]*popularity/)
})

test('a prepared folder that is divided: its times are learnt from where they are a feature', async () => {
  const prepared = async (name: string, features: Readonly<Record<string, Expression>>): Promise<string> => {
    const made = workflow({ session: 'session', item: 'item', time: 'at', features })
    writeFileSync(at(`${name}.json`), JSON.stringify(definitionToJson(made.definition)))
    const flags = ['--config', at(`${name}.json`), '--split', '--out', at(name)]
    await said(prepareCommand(), at('clicks.csv'), ...flags)
    return at(name)
  }
  const told = await prepared('with-times', { when: f.column('at', 'time') })
  await train(told, '--baseline', 'vstan', '-k', '5', '--out', at('of-prepared'))
  const { sessions, metrics, workflow: own } = await readBaseline(at('of-prepared'))
  expect(metrics).toMatchObject({ test: { split: { kind: 'prepared' } } })
  expect(own.schema.items).toBeGreaterThan(10)
  // Milliseconds, a second apart in a session.
  expect(sessions.times![1]! - sessions.times![0]!).toBe(1000)
  const printed = json(await said(inspectCommand(), at('of-prepared'), '--json'))
  expect(Object.keys(printed)).toEqual(['workflow', 'baseline', 'train'])
  const untold = await prepared('without-times', {})
  expect(await refusal(trainCommand(), [untold, '--baseline', 'vstan', '--out', at('none')])).toEqual([
    'OPTION_INVALID',
    expect.stringMatching(/vstan.*needs sessions with times.*Name the time column in the workflow/),
  ])
  await train(untold, '--baseline', 'markov', '-k', '5', '--out', at('of-untold'))
  expect((await readBaseline(at('of-untold'))).sessions).not.toHaveProperty('times')
})

/** The code and the message of what the command throws. */
async function refusal(command: Command, given: readonly string[]): Promise<readonly [string, string]> {
  const error: unknown = await said(command, ...given).catch((thrown: unknown) => thrown)
  if (error instanceof EnsuiteError) return [error.code, error.message]
  throw new Error('nothing coded was thrown', { cause: error })
}

test.each<[string, readonly string[], object | undefined, string, RegExp]>([
  ['an unknown kind', ['--baseline', 'vstn'], undefined, 'OPTION_INVALID', /vstan/],
  [
    'JSON that is none',
    ['--baseline', '{"kind"'],
    undefined,
    'OPTION_INVALID',
    /--baseline is no JSON.*Give one of/,
  ],
  [
    'an unknown option',
    ['--baseline', '{"kind": "ease", "options": {"lambda": 1}}'],
    undefined,
    'OPTION_UNKNOWN',
    /'lambda'/,
  ],
  [
    'a name beside kind',
    ['--baseline', '{"kind": "ease", "option": {}}'],
    undefined,
    'OPTION_UNKNOWN',
    /'option'/,
  ],
  [
    'a flag of the model',
    ['--baseline', 'vstan', '--width', '8'],
    undefined,
    'OPTION_INVALID',
    /--width is of a model.*vstan, which counts/,
  ],
  [
    'a flag of the training',
    ['--baseline', 'vstan', '--epochs', '3'],
    undefined,
    'OPTION_INVALID',
    /--epochs is of a model/,
  ],
  ['a loss', ['--baseline', 'vstan', '--loss', 'bce'], undefined, 'OPTION_INVALID', /--loss is of a model/],
  [
    'a preset',
    ['--baseline', 'vstan', '--preset', 'gru4rec'],
    undefined,
    'OPTION_INVALID',
    /--preset is of a model/,
  ],
  [
    'a warm start',
    ['--baseline', 'vstan', '--warm-start', 'x'],
    undefined,
    'OPTION_INVALID',
    /--warm-start is of a model/,
  ],
  ['a run folder', ['--baseline', 'vstan', '--run', 'x'], undefined, 'OPTION_INVALID', /--run is of a model/],
  [
    'TensorBoard',
    ['--baseline', 'vstan', '--tensorboard', 'x'],
    undefined,
    'OPTION_INVALID',
    /--tensorboard is of a model/,
  ],
  [
    'a device',
    ['--baseline', 'vstan', '--device', 'cpu'],
    undefined,
    'OPTION_INVALID',
    /--device is of a model/,
  ],
  ['--resume', ['--baseline', 'vstan', '--resume'], undefined, 'OPTION_INVALID', /--resume is of a model/],
  ['a cutoff beyond the catalogue', ['--baseline', 'vstan', '-k', '500'], undefined, 'OPTION_INVALID', /-k/],
  [
    'a model in the config',
    ['--baseline', 'vstan'],
    { model: {} },
    'OPTION_INVALID',
    /section 'model' of the config is of a model/,
  ],
  [
    'both in the config',
    [],
    { baseline: { kind: 'ease' }, model: {} },
    'OPTION_INVALID',
    /section 'model'.*'baseline' of the config/,
  ],
  [
    'epochs in the config',
    [],
    { baseline: { kind: 'ease' }, train: { epochs: 3 } },
    'OPTION_INVALID',
    /'train.epochs' of the config/,
  ],
  ['no kind in the config', [], { baseline: {} }, 'OPTION_INVALID', /baseline.kind/],
  ['a width in the config', [], { baseline: { kind: 'ease', width: 3 } }, 'OPTION_UNKNOWN', /'width'/],
  [
    'an option of the config',
    [],
    { baseline: { kind: 'ease', options: { width: 3 } } },
    'OPTION_UNKNOWN',
    /'width'/,
  ],
])('refused: %s', async (_, flags, config, code, message) => {
  writeFileSync(at('config.json'), JSON.stringify(config ?? {}))
  const given = [at('clicks.csv'), ...columns, ...flags, '--out', at('refused')]
  const found = await refusal(trainCommand(), config ? [...given, '--config', at('config.json')] : given)
  expect(found).toEqual([code, expect.stringMatching(message)])
  expect(existsSync(at('refused'))).toBe(false)
  expect(existsSync(at('refused.training'))).toBe(false)
})

test('an empty folder is replaced as nothing would be, by either kind; it stays where the run is refused', async () => {
  const kinds = [
    ['--baseline', 'markov'],
    ['--width', '8', '--heads', '1', '--layers', '1', '--epochs', '1'],
  ]
  for (const own of kinds) {
    const out = at(`empty${own[0]!}`)
    mkdirSync(out)
    const [code] = await refusal(trainCommand(), [
      ...[at('clicks.csv'), ...columns, '--categorical', 'nothing', ...own, '--out', out],
    ])
    expect([code, readdirSync(out)]).toEqual(['COLUMN_MISSING', []])
    await train(at('clicks.csv'), ...columns, ...own, '--out', out)
    expect(readdirSync(out)).toContain('manifest.json')
  }
  symlinkSync(at('clicks.csv'), at('link'))
  mkdirSync(at('full'))
  writeFileSync(at('full/notes.txt'), '')
  for (const name of ['link', 'full'])
    expect(
      await refusal(trainCommand(), [at('clicks.csv'), ...columns, ...kinds[0]!, '--out', at(name)]),
    ).toEqual(['OUTPUT_EXISTS', expect.any(String)])
})

test('what is there is kept unless it is to be replaced, by either kind', async () => {
  const baseline = [at('clicks.csv'), ...columns, '--baseline', 'markov', '--out', at('place')]
  await train(...baseline)
  expect(await refusal(trainCommand(), baseline)).toEqual([
    'OUTPUT_EXISTS',
    expect.stringContaining('--overwrite'),
  ])
  const small = ['--width', '8', '--heads', '1', '--layers', '1', '--epochs', '1']
  await train(at('clicks.csv'), ...columns, ...small, '--out', at('place'), '--overwrite')
  expect((await readArtifact(at('place'))).manifest.model.block.kind).toBe('sasrec')
  await train(...baseline, '--overwrite')
  expect((await readBaseline(at('place'))).baseline.kind).toBe('markov')
  mkdirSync(at('place.training'))
  writeFileSync(at('place.training/checkpoint.json'), readFileSync(at('place/manifest.json')))
  const warm = [at('clicks.csv'), '--warm-start', at('place'), '--out', at('warm')]
  expect(await refusal(trainCommand(), warm)).toEqual([
    'OPTION_INVALID',
    expect.stringMatching(/artifact of a baseline, markov/),
  ])
  writeFileSync(at('space.json'), '{"train.epochs": {"values": [1]}}')
  writeFileSync(at('baseline.json'), '{"baseline": {"kind": "ease"}}')
  const tune = ['--space', at('space.json'), '--config', at('baseline.json'), '--out', at('search')]
  expect(await refusal(tuneCommand(), [at('clicks.csv'), ...tune])).toEqual([
    'OPTION_INVALID',
    expect.stringMatching(/config has a baseline/),
  ])
})
