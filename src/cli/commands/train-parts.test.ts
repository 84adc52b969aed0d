import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, afterEach, expect, test, vi } from 'vitest'
import { readArtifact } from '../../artifact/index.ts'
import { trainCommand } from './train.ts'

const folder = mkdtempSync(join(tmpdir(), 'ensuite-train-parts-'))
afterAll(() => rmSync(folder, { recursive: true }))
afterEach(() => vi.restoreAllMocks())
const at = (name: string): string => join(folder, name)
const rows = Array.from({ length: 60 }, (_, row) => `s${row % 10},i${row % 7}`)
writeFileSync(at('clicks.csv'), `session,item\n${rows.join('\n')}\n`)

async function run(path: string, flags: readonly string[]): Promise<void> {
  for (const stream of [process.stdout, process.stderr]) vi.spyOn(stream, 'write').mockReturnValue(true)
  const given = ['--session', 'session', '--item', 'item', '-k', '1', '--out', at('run'), ...flags]
  await trainCommand()
    .exitOverride()
    .parseAsync([path, ...given], { from: 'user' })
}

test.each<[readonly string[], RegExp]>([
  [['--split', 'random', '--test', '0'], /^The test part is empty, .* Give --test a larger share/],
  [
    ['--split', 'time', '--time', 'time', '--test', '0.3'],
    /^None of the 3 sessions of the test part has a known/,
  ],
  [
    ['--split', 'time', '--time', 'time', '--validation', '0.3', '--test', '0.5'],
    /^None of the 3 sessions of the validation part .*, or --validation 0 to train without/,
  ],
  [['--split', 'random', '--test', '0', '--baseline', 'popularity'], /^The test part is empty/],
])('%j is refused before anything is trained', async (flags, says) => {
  // Of ten sessions the last three, or those before the last five, have one event; all others have three.
  const single = flags.includes('--validation') ? [2, 3, 4] : [7, 8, 9]
  const events = Array.from({ length: 10 }, (_, session) =>
    Array.from(
      { length: single.includes(session) ? 1 : 3 },
      (_, at) => `s${session},i${at},${100 * session + at}`,
    ),
  )
  const path = at('short.csv')
  writeFileSync(path, `session,item,time\n${events.flat().join('\n')}\n`)
  const own = flags.includes('--baseline') ? [] : ['--width', '8', '--heads', '1']
  const refused = run(path, [...own, ...flags])
  await expect(refused).rejects.toMatchObject({ code: 'SESSIONS_TOO_FEW' })
  await expect(refused).rejects.toThrow(says)
})

test('--validation 0 trains all epochs without validation, and the last one counts', async () => {
  const small = ['--width', '8', '--heads', '1', '--epochs', '2', '--split', 'random', '--validation', '0']
  writeFileSync(at('metric.json'), JSON.stringify({ train: { metric: 'ndcg@1' } }))
  await run(at('clicks.csv'), [...small, '--test', '0.2', '--config', at('metric.json')]).then(
    () => expect.unreachable(),
    (error: unknown) =>
      expect(error).toMatchObject({
        message: expect.stringContaining("'metric' needs 'validation'") as string,
      }),
  )
  await run(at('clicks.csv'), [...small, '--test', '0.2', '--keep-seen'])
  const { history, metrics } = await readArtifact(at('run'))
  expect(history).toMatchObject([{ epoch: 1 }, { epoch: 2 }])
  expect(history![1]).not.toHaveProperty('validation')
  expect(metrics).toMatchObject({ test: { model: { sessions: 2 } } })
  expect(metrics).not.toHaveProperty('best')
})
