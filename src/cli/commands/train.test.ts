import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { CommanderError } from 'commander'
import { afterAll, afterEach, expect, test, vi } from 'vitest'
import { EnsuiteError, type ErrorCode } from '../../errors.ts'
import { trainCommand } from './train.ts'

const folder = mkdtempSync(join(tmpdir(), 'ensuite-train-command-'))
afterAll(() => rmSync(folder, { recursive: true }))
afterEach(() => vi.restoreAllMocks())
const at = (name: string): string => join(folder, name)
const rows = Array.from({ length: 60 }, (_, row) =>
  [`s${row % 10}`, `i${row % 7}`, ['red', 'blue'][row % 2]!, row / 2].join(','),
)
writeFileSync(at('clicks.csv'), `session,item,colour,price\n${rows.join('\n')}\n`)
writeFileSync(at('config.json'), '{}')

/** The code and the message of what the command throws. A value that commander refuses has the code that the command line gives it. */
async function refusal(
  config: object | undefined,
  flags: readonly string[],
): Promise<readonly [string, string]> {
  for (const stream of [process.stdout, process.stderr]) vi.spyOn(stream, 'write').mockReturnValue(true)
  writeFileSync(at('config.json'), JSON.stringify(config ?? {}))
  const columns =
    config !== undefined && 'workflow' in config ? [] : ['--session', 'session', '--item', 'item']
  const given = config === undefined ? [] : ['--config', at('config.json')]
  const small = ['--width', '8', '--heads', '1', '-k', '1', '--out', at('out')]
  const command = trainCommand().exitOverride()
  const error: unknown = await command
    .parseAsync([at('clicks.csv'), ...columns, ...given, ...small, ...flags], { from: 'user' })
    .catch((thrown: unknown) => thrown)
  if (error instanceof EnsuiteError) return [error.code, error.message]
  if (error instanceof CommanderError) return ['OPTION_INVALID', error.message]
  throw new Error('nothing coded was thrown', { cause: error })
}

const table: readonly (readonly [
  name: string,
  code: ErrorCode,
  config: object | undefined,
  flags: readonly string[],
  says: RegExp,
])[] = [
  [
    'an artifact beside --check',
    'OPTION_INVALID',
    undefined,
    ['--check'],
    /^--out changes nothing beside --check/,
  ],
  [
    'a run that goes on beside --check',
    'OPTION_INVALID',
    undefined,
    ['--check', '--resume'],
    /^--resume changes/,
  ],
  ['a run folder beside --check', 'OPTION_INVALID', undefined, ['--check', '--run', 'r'], /^--run changes/],
  ['unknown section', 'OPTION_UNKNOWN', { modle: {} }, [], /'modle'. Did you mean 'model'\?/],
  ['a workflow beside sections', 'OPTION_UNKNOWN', { session: 's', train: {} }, [], /no option 'session'/],
  ['unknown part', 'OPTION_UNKNOWN', { model: { blok: {} } }, [], /Did you mean 'block'\?/],
  [
    'unknown field of a part',
    'OPTION_UNKNOWN',
    { model: { block: { width: 8 } } },
    [],
    /model\.block has no option 'width'/,
  ],
  [
    'unknown option of a block',
    'OPTION_UNKNOWN',
    { model: { block: { options: { widht: 8 } } } },
    [],
    /Did you mean 'width'\?/,
  ],
  [
    'unknown option of a masking',
    'OPTION_UNKNOWN',
    { model: { masking: { options: { trainOnn: 'all' } } } },
    [],
    /'trainOn'/,
  ],
  [
    'unknown option of a head',
    'OPTION_UNKNOWN',
    { model: { heads: [{ kind: 'next-item', options: { los: 'bce' } }] } },
    [],
    /'loss'/,
  ],
  [
    'unknown option of the inputs',
    'OPTION_UNKNOWN',
    { model: { inputs: { swapnoise: 0 } } },
    [],
    /'swapNoise'/,
  ],
  [
    'unknown option of the training',
    'OPTION_UNKNOWN',
    { train: { epoch: 1 } },
    [],
    /Did you mean 'epochs'\?/,
  ],
  ['what runs it', 'OPTION_UNKNOWN', { train: { runtime: 1 } }, [], /no option 'runtime'/],
  [
    'unknown option of the optimizer',
    'OPTION_UNKNOWN',
    { train: { optimizer: { lr: 1 } } },
    [],
    /no option 'lr'/,
  ],
  [
    'unknown option of the split',
    'OPTION_UNKNOWN',
    { split: { kind: 'random', tset: 0.1 } },
    [],
    /Did you mean 'test'\?/,
  ],
  ['unknown split', 'OPTION_INVALID', { split: { kind: 'by-mood' } }, [], /leave-one-out/],
  [
    'a split that is a text',
    'OPTION_INVALID',
    { split: { kind: 'random', test: '0.1' } },
    [],
    /split\.test.*'0\.1'/,
  ],
  ['unknown head', 'OPTION_INVALID', { model: { heads: [{ kind: 'next' }] } }, [], /next-item/],
  [
    'inputs that are none',
    'OPTION_INVALID',
    { model: { inputs: 'sum' } },
    [],
    /model\.inputs expects an object/,
  ],
  [
    'options that are a list',
    'OPTION_INVALID',
    { model: { block: { options: [8] } } },
    [],
    /block\.options expects an object/,
  ],
  [
    'a part that is null',
    'OPTION_INVALID',
    { model: { masking: null } },
    [],
    /model\.masking expects an object/,
  ],
  ['a metric that is no name', 'OPTION_INVALID', { train: { metric: 10 } }, [], /ndcg@10/],
  ['no list of heads', 'OPTION_INVALID', { model: { heads: { kind: 'next-item' } } }, [], /list/],
  ['cutoffs that are none', 'OPTION_INVALID', { train: { ks: 10 } }, [], /list of cutoffs/],
  ['what learns', 'OPTION_INVALID', { learnFrom: 'test' }, [], /training, all/],
  [
    'a value that was not learnt',
    'OPTION_INVALID',
    {
      model: {
        heads: [{ kind: 'next-item' }, { kind: 'binary', options: { target: 'colour', positive: 'green' } }],
      },
    },
    ['--categorical', 'colour'],
    /'green'.*red/,
  ],
  [
    'vectors that are given',
    'OPTION_INVALID',
    { model: { inputs: { pretrained: { text: { width: 4 } } } } },
    [],
    /from code/,
  ],
  [
    'a flag of a head that is not there',
    'OPTION_INVALID',
    { model: { heads: [{ kind: 'regression', options: { target: 'price' } }] } },
    ['--loss', 'bce'],
    /--loss is of the head that predicts the next item.*regression/,
  ],
  [
    'a masking that the block of the config does not go with',
    'OPTION_INVALID',
    { model: { block: { kind: 'bert' } } },
    ['--masking', 'causal'],
    /It goes with: masked, replaced/,
  ],
  [
    'a block and a masking',
    'OPTION_INVALID',
    undefined,
    ['--block', 'bert', '--masking', 'causal'],
    /It goes with: masked, replaced/,
  ],
  [
    'a probability that causal does not have',
    'OPTION_UNKNOWN',
    undefined,
    ['--mask-probability', '0.2'],
    /masking\.causal has no option 'probability'/,
  ],
  [
    'a probability of 1',
    'OPTION_INVALID',
    undefined,
    ['--block', 'bert', '--mask-probability', '1'],
    /below 1/,
  ],
  ['unknown masking', 'OPTION_INVALID', undefined, ['--masking', 'random'], /permuted/],
  ['unknown loss', 'OPTION_INVALID', undefined, ['--loss', 'no-such-loss'], /gbce/],
  ['negatives of the full softmax', 'OPTION_INVALID', undefined, ['--negatives', '5'], /has no negatives/],
  ['no negatives', 'OPTION_INVALID', undefined, ['--loss', 'bce', '--negatives', '0'], /at least 1/],
  [
    'negatives that the loss does not take',
    'OPTION_INVALID',
    undefined,
    ['--loss', 'gbce', '--negatives-from', 'batch'],
    /each, shared/,
  ],
  [
    'unknown distribution',
    'OPTION_INVALID',
    undefined,
    ['--loss', 'bce', '--distribution', 'zipf'],
    /log-uniform/,
  ],
  [
    'smoothing of another loss',
    'OPTION_INVALID',
    undefined,
    ['--loss', 'bce', '--label-smoothing', '0.1'],
    /has no labelSmoothing/,
  ],
  ['unknown projection', 'OPTION_INVALID', undefined, ['--projection', 'relu'], /tanh/],
  ['unknown aggregation', 'OPTION_INVALID', undefined, ['--aggregation', 'mean'], /item-product/],
  ['dropout of the inputs of 1', 'OPTION_INVALID', undefined, ['--input-dropout', '1'], /below 1/],
  ['negative swap noise', 'OPTION_INVALID', undefined, ['--swap-noise', '-0.1'], /at least 0/],
  [
    'one column twice',
    'OPTION_INVALID',
    undefined,
    ['--categorical', 'price', '--continuous', 'price'],
    /Choose one/,
  ],
  [
    'a seed that no draw starts from',
    'OPTION_INVALID',
    undefined,
    ['--seed', '99999999999999999999'],
    /seed/,
  ],
  ['no checkpoint kept', 'OPTION_INVALID', undefined, ['--keep-checkpoints', '0'], /whole number from 1 to/],
  [
    'less than no seconds, before any event is read',
    'OPTION_INVALID',
    undefined,
    ['--checkpoint-seconds', '-1', '--categorical', 'nothing'],
    /^--checkpoint-seconds must be a number at least 0/,
  ],
  ['a text as a number', 'COLUMN_INVALID', undefined, ['--continuous', 'colour'], /red/],
  [
    'a count beside a workflow',
    'OPTION_INVALID',
    { workflow: { session: 'session', item: 'item' } },
    ['--min-count', '2'],
    /--min-count/,
  ],
]

test.each(table)('%s → %s', async (_, code, config, flags, says) => {
  expect(await refusal(config, flags)).toEqual([code, expect.stringMatching(says)])
  expect(readdirSync(folder).sort()).toEqual(['clicks.csv', 'config.json'])
})

test.each([
  ['a date', (row: number) => `2024-01-01 10:00:${String(row).padStart(2, '0')}`],
  ['a number', (row: number) => String(1_700_000_000 + row)],
])(
  'where columns are guessed, a time with a value that is none is refused, and not dropped: %s',
  async (_, time) => {
    for (const stream of [process.stdout, process.stderr]) vi.spyOn(stream, 'write').mockReturnValue(true)
    const log = (name: string, spoilt: (row: number) => boolean): string => {
      const lines = Array.from({ length: 60 }, (_, row) =>
        [`s${row % 10}`, `i${row % 7}`, spoilt(row) ? 'yesterday' : time(row)].join(','),
      )
      writeFileSync(at(name), `session,item,timestamp\n${lines.join('\n')}\n`)
      return at(name)
    }
    const ran = (path: string, ...flags: readonly string[]): Promise<unknown> =>
      trainCommand()
        .exitOverride()
        .parseAsync(
          [
            path,
            ...flags,
            '--epochs',
            '1',
            '--width',
            '8',
            '--heads',
            '1',
            '-k',
            '1',
            '--out',
            at('timed'),
            '--overwrite',
          ],
          { from: 'user' },
        )
    await expect(ran(log('spoilt.csv', (row) => row === 41 || row === 50))).rejects.toMatchObject({
      code: 'COLUMN_INVALID',
      message: expect.stringContaining(
        `'timestamp' looks like the time of the events, but 'yesterday' is none (row 42, and 1 more)`,
      ) as string,
    })
    await ran(at('spoilt.csv'), '--session', 'session', '--item', 'item')
    await ran(log('whole.csv', () => false))
    // What is hardly ever a time is a text.
    await ran(log('text.csv', (row) => row % 2 === 0))
  },
)

test('columns with commas and outer spaces are named between quotes', async () => {
  const said = vi.spyOn(process.stdout, 'write').mockReturnValue(true)
  vi.spyOn(process.stderr, 'write').mockReturnValue(true)
  const lines = rows.map((row) => `${row},${row.length}`)
  writeFileSync(at('spaced.csv'), `session,item," colour ","price, net",length\n${lines.join('\n')}\n`)
  const check = (...flags: readonly string[]): Promise<unknown> =>
    trainCommand()
      .exitOverride()
      .parseAsync([at('spaced.csv'), '--session', 'session', '--item', 'item', ...flags, '--check'], {
        from: 'user',
      })
  await check('--categorical', '" colour "', '--continuous', '"price, net",length')
  expect(String(said.mock.calls.at(-1)![0])).toMatch(/No leaks found|^Leak/)
  await expect(check('--categorical', ' colour ')).rejects.toMatchObject({ code: 'COLUMN_MISSING' })
})
