import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, afterEach, expect, test, vi } from 'vitest'
import { readSchema, type Role } from '../../schema/index.ts'
import type { Workflow } from '../../workflow/index.ts'
import { schemaCommand } from './schema.ts'

const folder = mkdtempSync(join(tmpdir(), 'ensuite-schema-command-'))
afterAll(() => rmSync(folder, { recursive: true }))
afterEach(() => vi.restoreAllMocks())
const log = join(folder, "it's a log.csv")
const rows = Array.from(
  { length: 60 },
  (_, row) => `${Math.floor(row / 3)},i${row % 7},${row},9007199254740993`,
)
writeFileSync(log, `session,item\u001b[31m,ts,big\n${rows.join('\n')}\n`)

async function run(...args: readonly string[]): Promise<string> {
  let printed = ''
  vi.spyOn(process.stdout, 'write').mockImplementation((text) => {
    printed += String(text)
    return true
  })
  await schemaCommand().exitOverride().parseAsync(args, { from: 'user' })
  vi.restoreAllMocks()
  return printed
}

test('a table of columns with reasons, and the next command; control characters of names are not printed', async () => {
  const text = await run(log)
  expect(text).toMatch(/session +│ int64 +│ session +│ +20 /)
  expect(text).toMatch(/ts +│ int64 +│ time +│ +60 .*its name says ts/)
  expect(text).toContain(
    `Next: ensuite train '${log.replace("'", "'\\''")}' --session session --item 'item·[31m' --time ts`,
  )
  expect(text).not.toContain('\u001b')
})

test('the next command reads the events in the same way, or says what is missing', async () => {
  const file = join(folder, 'bare.txt')
  writeFileSync(file, `${rows.map((row) => row.split(',').slice(0, 2).join(' ')).join('\n')}\n`)
  const source = [file, '--no-header', '--columns', 'user,item', '--delimiter', ' ']
  expect(await run(...source)).toContain(
    `ensuite train ${file} --no-header --columns user,item --delimiter ' ' --session user --item item --out`,
  )
  expect(await run(...source, '--set', 'user=ignore', '--set', 'item=ignore')).toContain(
    'No session and no item was found. Say which: --set COLUMN=session --set COLUMN=item.',
  )
})

test('where ids or times are missing, a workflow that drops these events, and the command that takes it', async () => {
  const file = join(folder, 'holes.csv')
  const holes = rows.map((row, at) =>
    row
      .split(',')
      .map((value, column) => ((at === 3 && column === 2) || (at % 10 === 5 && column === 1) ? '' : value))
      .join(','),
  )
  writeFileSync(file, `session,item's\u009b,ts,big\n${holes.join('\n')}\n`)
  const text = await run(file)
  expect(text).toContain("Rows without a value are refused: 1 of ts, 6 of item's·. Fill or remove them")
  expect(text).toContain(`Next: ensuite train ${file} --config workflow.mjs --out artifacts/model`)
  const config = /import [^]*?\n {2}\}\)/.exec(text)![0]
  const own = JSON.stringify(new URL('../../index.ts', import.meta.url).pathname)
  const module = join(folder, 'workflow.mjs')
  writeFileSync(module, config.replace("'ensuite'", own))
  const { workflow } = (await import(module)) as { workflow: Workflow }
  const fitted = await workflow.fit({ path: file })
  expect(fitted.itemColumn).toBe("item's\u009b")
})

test('the mean and the deviation of quantities, in the table and in --json', async () => {
  expect(await run(log)).not.toContain('mean')
  const text = await run(log, '--set', 'ts=continuous')
  expect(text).toMatch(/to +│ mean ± deviation │ why/)
  expect(text).toMatch(/ts +│ int64 +│ continuous .*│ +59 │ +29\.5 ± 17\.46 │ as you said/)
  const { columns } = JSON.parse(await run(log, '--json')) as { columns: object[] }
  // Of 0 … 59: n = 60, and 60 · 61 ÷ 12 = 305.
  expect(columns[2]).toMatchObject({ mean: 29.5, deviation: Math.sqrt(305) })
  expect(columns[1]).not.toHaveProperty('mean')
})

test('--set corrects, --out writes what --json says', async () => {
  const out = join(folder, 'out')
  const result = JSON.parse(
    await run(log, '--json', '--set', 'ts=ignore', '--set', 'session=user', '--out', out),
  ) as {
    events: number
    columns: { name: string; role: Role; tags: string[]; max?: unknown }[]
  }
  expect([result.events, result.columns.map(({ role }) => role)]).toEqual([
    60,
    ['user', 'item', 'ignore', 'ignore'],
  ])
  expect(result.columns[3]!.max).toBe('9007199254740993')
  const written = await readSchema(out)
  expect(written.columns.map(({ name, tags }) => ({ name, tags }))).toEqual(
    result.columns.map(({ name, tags }) => ({ name, tags })),
  )
  expect(written.columns[3]!.domain).toEqual({ min: 9007199254740993n, max: 9007199254740993n })
})

test.each([
  [['--set', 'ts'], 'OPTION_INVALID', /column=role/],
  [['--set', 'ts=when'], 'OPTION_INVALID', /session, user, item, time/],
  [['--set', 'tss=time'], 'COLUMN_MISSING', /Did you mean 'ts'/],
  [['--set', 'ts=time', '--set', 'ts=item'], 'OPTION_INVALID', /two roles/],
  [['--out', log], 'FILE_UNWRITABLE', /log\.csv/],
  [['--format', 'xls'], 'OPTION_INVALID', /csv/],
])('refuses %j', async (args, code, message) => {
  const running = run(log, ...args)
  await expect(running).rejects.toMatchObject({ code, message: expect.stringMatching(message) as string })
})
