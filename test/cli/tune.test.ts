import { spawn } from 'node:child_process'
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, it } from 'vitest'
import { checkpoint } from '../../src/huggingface/checkpoint.test-support.ts'
import type { TrialRecord } from '../../src/tune/index.ts'
import { ensuite, main, plantedLog } from './run.ts'

const folder = mkdtempSync(join(tmpdir(), 'ensuite-tune-command-'))
afterAll(() => rmSync(folder, { recursive: true, force: true }))
const at = (name: string): string => join(folder, name)
writeFileSync(at('clicks.csv'), plantedLog({ sessions: 120, length: 8, items: 12 }))
const small = { model: { block: { options: { width: 8, layers: 1 } } }, train: { batchSize: 16, ks: [3] } }
writeFileSync(at('base.json'), JSON.stringify(small))
writeFileSync(
  at('space.json'),
  JSON.stringify({
    'train.optimizer.learningRate': { from: 1e-5, to: 3e-2, scale: 'log' },
    'model.block.options.heads': { values: [1, 2, 3] },
  }),
)

const columns = ['--session', 'session', '--item', 'item', '--time', 'time']
const search = (out: string, ...more: readonly string[]): readonly string[] => [
  ...['tune', at('clicks.csv'), ...columns, '--config', at('base.json'), '--space', at('space.json')],
  ...['--trials', '4', '--epochs', '3', '--search', 'halving', '--threads', '1', '--out', at(out), ...more],
]

interface Found {
  readonly best: TrialRecord
  readonly trials: readonly TrialRecord[]
  readonly refused: number
  readonly config: string
}
const withoutSeconds = ({ trials }: Found) => trials.map(({ seconds: _, ...rest }) => rest)

describe('ensuite tune', () => {
  it('finds settings by validation, whatever the jobs, and train takes the best as they are', async () => {
    const { code, stdout, stderr } = await ensuite(search('one', '--json'))
    expect([code, stderr.includes('trial 1, 1 epochs: ndcg@3')]).toEqual([0, true])
    const found = JSON.parse(stdout) as Found
    // Four have one epoch, the best of them three; 3 heads do not go with a width of 8.
    expect(found.trials.map(({ budget }) => budget)).toEqual([3, 1, 1, 1, 1])
    expect(found.refused).toBeGreaterThan(0)
    expect(found.best).toEqual(found.trials[0])
    expect(found.best.trial).toBe(found.trials[1]!.trial)
    const rate = found.best.settings['train.optimizer.learningRate'] as number
    expect(rate).toBe(
      Math.max(...found.trials.map(({ settings }) => settings['train.optimizer.learningRate'] as number)),
    )

    const config = JSON.parse(readFileSync(found.config, 'utf8')) as Record<string, unknown>
    expect(config).toMatchObject({
      workflow: { session: 'session' },
      split: { kind: 'leave-one-out' },
      model: {
        block: { options: { width: 8, layers: 1, heads: found.best.settings['model.block.options.heads'] } },
      },
      train: { epochs: 3, ks: [3], metric: 'ndcg@3', optimizer: { learningRate: rate } },
    })
    const trained = await ensuite([
      ...[
        'train',
        at('clicks.csv'),
        '--config',
        found.config,
        '--threads',
        '1',
        '--out',
        at('best'),
        '--json',
      ],
    ])
    expect(trained.code).toBe(0)
    const { best } = JSON.parse(trained.stdout) as { readonly best: { readonly metric: number } }
    expect(best.metric).toBe(found.best.value)

    const many = await ensuite(search('two', '--jobs', '3', '--json'))
    expect(withoutSeconds(JSON.parse(many.stdout) as Found)).toEqual(withoutSeconds(found))
    const text = await ensuite(search('two', '--jobs', '3', '--resume'))
    expect(text.stdout).toMatch(/│ trial │ epochs │ ndcg@3 │ learningRate │ heads │ seconds │/)
    expect(text.stdout).toContain(`The best is trial ${found.best.trial}`)
  })

  it('ends for data that cannot be loaded, which is no trial that failed, and leaves no folder', async () => {
    const { code, stderr } = await ensuite([...search('bad', '--jobs', '2'), '--session', 'sesion'])
    expect([code, stderr]).toEqual([2, expect.stringMatching(/error \[COLUMN_/)])
    expect([stderr.includes('failed'), existsSync(at('bad'))]).toEqual([false, false])
  })

  it('has the split of its flags in the best config, and keeps no checkpoint, of trials that failed neither', async () => {
    writeFileSync(at('warmup.json'), '{"train.schedule.warmup":{"values":[1,100000]}}')
    const flags = ['--split', 'random', '--seed', '6', '--learn-from', 'all', '--space', at('warmup.json')]
    const { code, stdout } = await ensuite(search('failing', ...flags, '--json'))
    expect(code).toBe(0)
    const { trials, best } = JSON.parse(stdout) as Found
    const isLong = ({ settings }: TrialRecord): boolean => settings['train.schedule.warmup'] === 100_000
    expect(trials.filter(isLong).length).toBeGreaterThan(0)
    for (const trial of trials) expect(trial.error !== undefined).toBe(isLong(trial))
    expect(best.settings).toEqual({ 'train.schedule.warmup': 1 })
    expect(readdirSync(at('failing')).toSorted()).toEqual(['best.json', 'trials.jsonl', 'tune.json'])
    const config = JSON.parse(readFileSync(at('failing/best.json'), 'utf8')) as Record<string, unknown>
    expect(config).toMatchObject({ split: { kind: 'random', seed: 6 }, learnFrom: 'all' })

    const { workflow } = config
    const again = (own: unknown, ...more: readonly string[]) => {
      writeFileSync(at('flow.json'), JSON.stringify({ ...small, workflow: own }))
      return ensuite([
        ...['tune', at('clicks.csv'), '--config', at('flow.json'), '--space', at('space.json')],
        ...['--trials', '1', '--epochs', '1', '--threads', '1', '--out', at('flow'), ...more],
      ])
    }
    expect((await again(workflow)).code).toBe(0)
    const other = await again({ ...(workflow as object), time: undefined }, '--resume')
    expect([other.code, other.stderr]).toEqual([
      2,
      expect.stringContaining('another search: of.workflow.time'),
    ])
  })

  it('starts every trial from the checkpoint of the config', async () => {
    const from = checkpoint('gpt2')
    writeFileSync(
      at('from.json'),
      JSON.stringify({ model: { block: { from }, maxLength: 10 }, train: { ks: [3] } }),
    )
    writeFileSync(
      at('rates.json'),
      JSON.stringify({ 'train.optimizer.learningRate': { from: 1e-4, to: 1e-2 } }),
    )
    const { stdout } = await ensuite([
      ...['tune', at('clicks.csv'), ...columns, '--config', at('from.json'), '--space', at('rates.json')],
      ...['--trials', '1', '--epochs', '1', '--search', 'random', '--threads', '1', '--out', at('started')],
      '--json',
    ])
    expect((JSON.parse(stdout) as Found).best).toMatchObject({ about: { block: 'gpt2' } })
  })

  it('does not go the other way than its metric', async () => {
    const { code, stderr } = await ensuite(search('lower', '--direction', 'lower', '--trials', '1'))
    expect([code, stderr]).toEqual([2, expect.stringContaining("'ndcg@3' is better the higher")])
  })

  it('is interrupted, keeps what has ended, and goes on to the same end', async () => {
    const whole = JSON.parse((await ensuite(search('calm', '--json'))).stdout) as Found
    const child = spawn(process.execPath, [main, ...search('cut')], { stdio: 'ignore' })
    const ended = new Promise((resolve) => child.once('close', resolve))
    await expect.poll(() => existsSync(at('cut/trials.jsonl')), { timeout: 30_000, interval: 5 }).toBe(true)
    child.kill('SIGINT')
    expect(await ended).toBe(130)
    const kept = readFileSync(at('cut/trials.jsonl'), 'utf8').split('\n').length - 1
    const refused = await ensuite(search('cut'))
    expect([refused.code, refused.stderr]).toEqual([2, expect.stringContaining('[CHECKPOINT_EXISTS]')])
    const resumed = await ensuite(search('cut', '--resume', '--json'))
    expect(withoutSeconds(JSON.parse(resumed.stdout) as Found)).toEqual(withoutSeconds(whole))
    expect(kept).toBeGreaterThanOrEqual(1)
  })

  const spaces: readonly (readonly [name: string, space: unknown, flags: readonly string[], says: string])[] =
    [
      ['a place that is none', { rate: { values: [1] } }, [], "'rate' is no place of a config"],
      [
        'what is not searched',
        { 'split.kind': { values: ['time'] } },
        [],
        "starts with 'model.' or 'train.'",
      ],
      [
        'a setting inside a value',
        { 'train.epochs.most': { values: [1] } },
        ['--config', at('epochs.json')],
        "'epochs' holds settings",
      ],
      [
        'an option that a part does not have',
        { 'model.block.options.widht': { values: [8] } },
        [],
        "no option 'widht'",
      ],
      [
        'a section that is misspelt',
        { 'trian.batchSize': { values: [8] } },
        [],
        "Did you mean 'train.batchSize'?",
      ],
      [
        'a metric that is misspelt',
        { 'train.batchSize': { values: [8] } },
        ['--metric', 'ndgc@10'],
        "'ndcg@10'?",
      ],
      [
        'a value outside its range',
        { 'train.optimizer.learningRate': { values: [-1] } },
        [],
        'learningRate must be',
      ],
      ['no space', [], [], 'tune: space expects an object'],
      [
        'a place of no list',
        { 'model.heads.7.options.negatives': { values: [1] } },
        ['--config', at('heads.json')],
        '7 is one of the 1 places',
      ],
      ['a prototype', { 'model.__proto__.polluted': { values: [1] } }, [], "no option '__proto__'"],
    ]
  writeFileSync(at('epochs.json'), '{"train":{"epochs":3}}')
  writeFileSync(at('heads.json'), '{"model":{"heads":[{"kind":"next-item"}]}}')
  it.each(spaces)('refuses %s before anything is trained', async (name, space, flags, says) => {
    const file = at(`${name}.json`)
    writeFileSync(file, JSON.stringify(space))
    const { code, stderr } = await ensuite([
      ...['tune', at('clicks.csv'), ...columns, '--space', file, '--out', at(`of ${name}`), ...flags],
    ])
    expect([code, stderr]).toEqual([2, expect.stringContaining(says)])
    expect(stderr).toMatch(/^.*error \[OPTION_(INVALID|UNKNOWN)\]/m)
    expect(existsSync(at(`of ${name}`))).toBe(false)
  })
})
