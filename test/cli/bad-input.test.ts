import { cpSync, mkdtempSync, readdirSync, readFileSync, rmSync, truncateSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { errorCodes, type ErrorCode } from '../../src/errors.ts'
import { ensuite, plantedLog } from './run.ts'

const folder = mkdtempSync(join(tmpdir(), 'ensuite-bad-'))
const at = (name: string): string => join(folder, name)
const columns = ['--session', 'session', '--item', 'item']
const small = ['--width', '8', '--layers', '1', '--heads', '1', '--epochs', '1', '--max-length', '8']
const log = plantedLog({ sessions: 30, length: 6, items: 12 })
const column = (name: string, type: string): object => ({ op: 'column', options: { name, type } })
const rows = (text: string): string => `session,item,time\n${text}`

beforeAll(async () => {
  const files: Readonly<Record<string, string | Buffer>> = {
    'good.csv': log,
    'empty.csv': '',
    'header-only.csv': 'session,item,time\n',
    'no-session.csv': 'item,price\ni1,2.5\ni2,3.5\ni1,1.25\n',
    'semicolons.csv': log.replaceAll(',', ';'),
    'junk.csv': Buffer.from(Array.from({ length: 4096 }, (_, index) => (index * 7919 + (index >> 3)) % 256)),
    'junk.parquet': Buffer.from('PAR1 this is no parquet file'),
    'junk.csv.gz': Buffer.from('this is no gzip'),
    'bad-time.csv': rows('a,1,2024-01-01\na,2,yesterday\nb,1,2024-01-02\n'),
    'one-session.csv': rows('a,1,1\na,2,2\na,3,3\na,1,4\n'),
    'one-item.csv': rows(Array.from({ length: 12 }, (_, index) => `s${index % 4},same,${index}\n`).join('')),
    'single-events.csv': rows(
      Array.from({ length: 12 }, (_, index) => `s${index},i${index % 3},${index}\n`).join(''),
    ),
    'unknown.bin': 'x',
    'mixed-price.csv': 'session,item,price\na,1,2\na,2,cheap\n',
    'two-dates.csv': 'session,item,price,time\na,1,2,2024-01-31\na,2,3,31/01/2024\n',
    'infinite.csv': 'session,item,price\na,1,2\na,2,Infinity\n',
    'latin-1.csv': Buffer.concat([
      Buffer.from(rows('a,1,2024-01-31\na,caf')),
      Buffer.of(0xe9),
      Buffer.from(',2024-02-01\n'),
    ]),
    'long-line.csv': `session,item,price\na,${'x'.repeat(5_000_000)},2\n`,
    'workflow.json': JSON.stringify({ session: 'session', features: { price: column('price', 'number') } }),
    'timed.json': JSON.stringify({
      session: 'session',
      time: 'time',
      features: { item: column('item', 'text') },
    }),
    'seconds.json': JSON.stringify({
      session: 'session',
      time: column('time', 'seconds'),
      features: { item: column('item', 'text') },
    }),
    'mistaken.json': '{ "modle": {} }',
    'no-workflow.json': '{ "train": { "epochs": 1 } }',
    'a-file': 'not an artifact',
  }
  for (const [name, content] of Object.entries(files)) writeFileSync(at(name), content)
  const ran = await ensuite(['train', at('good.csv'), ...columns, ...small, '--out', at('artifact')])
  expect([ran.code, ran.stderr]).toEqual([0, expect.any(String)])
  const altered = (name: string, alter: (path: string) => void): void => {
    cpSync(at('artifact'), at(name), { recursive: true })
    alter(at(name))
  }
  altered('truncated', (path) => truncateSync(join(path, 'recommend.onnx'), 1000))
  altered('flipped', (path) => {
    const file = join(path, 'weights.safetensors')
    const bytes = readFileSync(file)
    bytes[bytes.length - 5]! ^= 0x10
    writeFileSync(file, bytes)
  })
  const manifest = (path: string, edit: (manifest: Record<string, unknown>) => void): void => {
    const file = join(path, 'manifest.json')
    const content = JSON.parse(readFileSync(file, 'utf8')) as Record<string, unknown>
    edit(content)
    writeFileSync(file, JSON.stringify(content))
  }
  altered('newer', (path) => manifest(path, (content) => (content['formatVersion'] = 99)))
  altered('escaping', (path) =>
    manifest(path, (content) => {
      const files = content['files'] as Record<string, unknown>
      files['../../outside'] = { bytes: 1, sha256: '0'.repeat(64) }
    }),
  )
  altered('no-manifest', (path) => rmSync(join(path, 'manifest.json')))
})

afterAll(() => rmSync(folder, { recursive: true, force: true }))

const trainOn = (file: string, ...more: readonly string[]): readonly string[] => [
  'train',
  at(file),
  ...columns,
  ...small,
  '--out',
  at('out'),
  ...more,
]

const prepareFrom = (file: string, config = 'workflow.json'): readonly string[] => [
  'prepare',
  at(file),
  '--config',
  at(config),
  '--out',
  at('out'),
]

const table: readonly (readonly [
  name: string,
  code: ErrorCode,
  args: () => readonly string[],
  says: RegExp,
])[] = [
  ['missing file', 'FILE_NOT_FOUND', () => trainOn('nowhere.csv'), /nowhere\.csv/],
  [
    'missing column',
    'COLUMN_MISSING',
    () => ['train', at('good.csv'), '--session', 'sesion', '--item', 'item', '--out', at('out')],
    /session/,
  ],
  ['empty file', 'EVENTS_EMPTY', () => trainOn('empty.csv'), /empty\.csv/],
  ['header only', 'EVENTS_EMPTY', () => trainOn('header-only.csv'), /header-only\.csv/],
  ['wrong delimiter', 'FILE_UNREADABLE', () => trainOn('semicolons.csv'), /';'|--delimiter|delimiter/],
  ['binary junk', 'FILE_UNREADABLE', () => trainOn('junk.csv'), /junk\.csv/],
  ['junk parquet', 'FILE_UNREADABLE', () => trainOn('junk.parquet'), /junk\.parquet/],
  ['junk gzip', 'FILE_UNREADABLE', () => trainOn('junk.csv.gz'), /junk\.csv\.gz/],
  ['prepare: a missing column', 'COLUMN_MISSING', () => prepareFrom('good.csv'), /price/],
  ['prepare: numbers and texts', 'COLUMN_INVALID', () => prepareFrom('mixed-price.csv'), /cheap.*row 2/],
  [
    'prepare: dates in two ways',
    'COLUMN_INVALID',
    () => prepareFrom('two-dates.csv', 'timed.json'),
    /31\/01\/2024.*row 2/,
  ],
  ['prepare: an infinite number', 'COLUMN_INVALID', () => prepareFrom('infinite.csv'), /Infinity.*row 2/],
  [
    'prepare: text that is not UTF-8',
    'FILE_UNREADABLE',
    () => prepareFrom('latin-1.csv', 'timed.json'),
    /utf-8/,
  ],
  [
    'prepare: a line of five million characters',
    'FILE_UNREADABLE',
    () => prepareFrom('long-line.csv'),
    /line size/,
  ],
  [
    'prepare: memory that is too little',
    'OPTION_INVALID',
    () => [...prepareFrom('good.csv', 'timed.json'), '--memory', '0.01'],
    /--memory, in GB, must be a number at least 0.1, received 0.01/,
  ],
  [
    'prepare: nothing to learn from',
    'EVENTS_EMPTY',
    () => [...prepareFrom('good.csv', 'seconds.json'), '--learn-until', '1969-01-01'],
    /none lies in the period until 1969/,
  ],
  [
    'prepare: seconds as milliseconds',
    'COLUMN_INVALID',
    () => prepareFrom('good.csv', 'timed.json'),
    /look like seconds/,
  ],
  ['prepare: no Parquet', 'FILE_UNREADABLE', () => prepareFrom('junk.parquet'), /junk\.parquet/],
  ['unknown format', 'FORMAT_UNKNOWN', () => trainOn('unknown.bin'), /csv/],
  [
    'a time that does not parse',
    'COLUMN_INVALID',
    () => trainOn('bad-time.csv', '--time', 'time'),
    /yesterday/,
  ],
  ['one session', 'SESSIONS_TOO_FEW', () => trainOn('one-session.csv'), /session/],
  ['one item', 'ITEMS_TOO_FEW', () => trainOn('one-item.csv'), /item/],
  ['sessions of one event', 'SESSIONS_TOO_FEW', () => trainOn('single-events.csv'), /events/],
  [
    'sessions of one event, random',
    'SESSIONS_TOO_FEW',
    () => trainOn('single-events.csv', '--split', 'random'),
    /events/,
  ],
  ['time split without time', 'OPTION_INVALID', () => trainOn('good.csv', '--split', 'time'), /time/],
  ['unknown option', 'OPTION_UNKNOWN', () => trainOn('good.csv', '--widht', '8'), /--width/],
  ['unknown command', 'OPTION_UNKNOWN', () => ['trian'], /train/],
  ['unknown block', 'OPTION_INVALID', () => trainOn('good.csv', '--block', 'bert5'), /sasrec/],
  [
    'a block and a masking',
    'OPTION_INVALID',
    () => trainOn('good.csv', '--block', 'bert', '--masking', 'causal'),
    /It goes with: masked, replaced/,
  ],
  ['unknown loss', 'OPTION_INVALID', () => trainOn('good.csv', '--loss', 'no-such-loss'), /gbce/],
  [
    'a config of nothing known',
    'OPTION_UNKNOWN',
    () => trainOn('good.csv', '--config', at('mistaken.json')),
    /Did you mean 'model'\?/,
  ],
  [
    'prepare: a config without a workflow',
    'OPTION_INVALID',
    () => prepareFrom('good.csv', 'no-workflow.json'),
    /no section 'workflow'/,
  ],
  ['inspect: no artifact', 'FILE_NOT_FOUND', () => ['inspect', at('nowhere')], /nowhere/],
  ['inspect: an altered artifact', 'ARTIFACT_INVALID', () => ['inspect', at('flipped')], /weights/],
  [
    'a cut without instants',
    'OPTION_INVALID',
    () => trainOn('good.csv', '--split', 'cut'),
    /--validation-from/,
  ],
  [
    'an option of another split',
    'OPTION_INVALID',
    () => trainOn('good.csv', '--split', 'leave-one-out', '--test-from', '2020-01-01'),
    /takes no --test-from/,
  ],
  ['shares without a split', 'OPTION_INVALID', () => trainOn('good.csv', '--test', '0.2'), /--split/],
  ['unknown split', 'OPTION_INVALID', () => trainOn('good.csv', '--split', 'by-mood'), /leave-one-out/],
  [
    'nothing that looks like a session',
    'OPTION_INVALID',
    () => ['train', at('no-session.csv'), '--out', at('out')],
    /--session/,
  ],
  [
    'a config and columns',
    'OPTION_INVALID',
    () => trainOn('good.csv', '--config', at('timed.json')),
    /--config.*--session/,
  ],
  ['not a number', 'OPTION_INVALID', () => trainOn('good.csv', '--width', 'wide'), /wide/],
  ['width and heads that do not fit', 'OPTION_INVALID', () => trainOn('good.csv', '--heads', '3'), /heads/],
  ['dropout of 1', 'OPTION_INVALID', () => trainOn('good.csv', '--dropout', '1'), /dropout/],
  ['no epochs', 'OPTION_INVALID', () => trainOn('good.csv', '--epochs', '0'), /epochs/],
  ['k of 0 when training', 'OPTION_INVALID', () => trainOn('good.csv', '-k', '0'), /from 1|at least 1/],
  ['k above the catalogue when training', 'OPTION_INVALID', () => trainOn('good.csv', '-k', '13'), /12/],
  ['no header and no columns', 'OPTION_INVALID', () => trainOn('good.csv', '--no-header'), /--columns/],
  ['device that is not here', 'DEVICE_UNAVAILABLE', () => trainOn('good.csv', '--device', 'coreml'), /cpu/],
  [
    'output is a file',
    'OUTPUT_EXISTS',
    () => ['train', at('good.csv'), ...columns, ...small, '--out', at('a-file')],
    /a-file/,
  ],
  ['k of 0', 'OPTION_INVALID', () => ['recommend', at('artifact'), '--items', 'i1', '-k', '0'], /1/],
  [
    'k above the catalogue',
    'OPTION_INVALID',
    () => ['recommend', at('artifact'), '--items', 'i1', '-k', '13'],
    /12/,
  ],
  ['no session given', 'OPTION_INVALID', () => ['recommend', at('artifact')], /--items/],
  [
    'events that are no JSON',
    'OPTION_INVALID',
    () => ['recommend', at('artifact'), '--events', '[{'],
    /JSON/,
  ],
  [
    'an item that is null',
    'COLUMN_MISSING',
    () => ['recommend', at('artifact'), '--events', '[{"item": null}]'],
    /expects an id in 'item'/,
  ],
  [
    'a past that no feature looks at',
    'OPTION_INVALID',
    () => ['recommend', at('artifact'), '--items', 'i1', '--past', at('good.csv')],
    /Leave --past out/,
  ],
  [
    'functions of columns',
    'OPTION_INVALID',
    () => trainOn('good.csv', '--functions', at('good.csv')),
    /--config/,
  ],
  ['no artifact', 'FILE_NOT_FOUND', () => ['recommend', at('nowhere'), '--items', 'i1'], /nowhere/],
  [
    'truncated artifact',
    'ARTIFACT_INVALID',
    () => ['recommend', at('truncated'), '--items', 'i1'],
    /recommend\.onnx/,
  ],
  [
    'altered artifact',
    'ARTIFACT_INVALID',
    () => ['evaluate', at('flipped'), at('good.csv')],
    /weights\.safetensors/,
  ],
  [
    'artifact without manifest',
    'ARTIFACT_INVALID',
    () => ['recommend', at('no-manifest'), '--items', 'i1'],
    /manifest/,
  ],
  [
    'manifest of a newer version',
    'ARTIFACT_TOO_NEW',
    () => ['recommend', at('newer'), '--items', 'i1'],
    /99/,
  ],
  ['path that escapes', 'PATH_ESCAPES', () => ['recommend', at('escaping'), '--items', 'i1'], /outside/],
  [
    'both kinds of seen',
    'OPTION_INVALID',
    () => ['evaluate', at('artifact'), at('good.csv'), '--filter-seen', '--keep-seen'],
    /--keep-seen/,
  ],
  [
    'an unknown baseline',
    'OPTION_INVALID',
    () => ['evaluate', at('artifact'), at('good.csv'), '--baselines', 'vskn'],
    /Did you mean 'vsknn'/,
  ],
  [
    'baselines that are no JSON',
    'OPTION_INVALID',
    () => ['evaluate', at('artifact'), at('good.csv'), '--baselines', '[vsknn]'],
    /no JSON.*"kind": "vsknn"/,
  ],
  [
    'an unknown option of a baseline',
    'OPTION_UNKNOWN',
    () => [
      'evaluate',
      at('artifact'),
      at('good.csv'),
      '--baselines',
      '[{"kind": "vsknn", "options": {"k": 5}}]',
    ],
    /no option 'k'.*neighbours/,
  ],
]

describe('bad input gives a coded error, exit code 2, and writes nothing', () => {
  it.each(table)('%s → %s', async (_, code, args, says) => {
    const before = readdirSync(folder).sort()
    const ran = await ensuite(args())
    expect(ran.stderr).toMatch(new RegExp(`error \\[${code}\\]: `))
    expect(ran.stderr).toMatch(says)
    expect(ran.stderr).not.toMatch(/\n\s+at /)
    expect([ran.code, ran.stdout]).toEqual([2, ''])
    expect(errorCodes[code]).toBeDefined()
    expect(readdirSync(folder).sort()).toEqual(before)
  })
})
