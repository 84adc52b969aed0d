import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { afterAll, expect, it } from 'vitest'
import { EnsuiteError } from '../errors.ts'
import { SearchFault } from './search-fault.ts'
import { trialProcesses } from './trial-processes.ts'

const folder = mkdtempSync(join(tmpdir(), 'ensuite-trials-'))
afterAll(() => rmSync(folder, { recursive: true, force: true }))

/** A process that answers as `trial-process.ts` does; an odd number of epochs kills it. */
const double = join(folder, 'double.mjs')
writeFileSync(
  double,
  `process.on('message', ({ kind, epochs, paths }) => {
    if (kind === 'start') return process.send(paths[0] === 'deadly' ? process.exit(1) : paths[0] === 'bad' ? { kind: 'failed', code: 'FILE_NOT_FOUND', message: 'no file' } : { kind: 'ready' })
    if (epochs % 2 === 1) process.kill(process.pid, 'SIGKILL')
    if (epochs === 4) return process.send({ kind: 'failed', code: 'TRAINING_DIVERGED', message: 'no number' })
    if (epochs === 10) return process.send({ kind: 'failed', code: 'DEVICE_UNAVAILABLE', message: 'no device', isOfSearch: true })
    if (epochs === 12) return
    if (epochs === 6) return process.send({ kind: 'failed', message: 'a fault' })
    process.send({ kind: 'measured', value: epochs, about: { process: process.pid } })
  })`,
)
const start = {
  flags: { header: true, quotes: true, minCount: 1, learnFrom: 'training', split: undefined } as const,
  device: 'cpu',
  threads: 1,
}
const trial = (epochs: number) => ({
  ...{ config: {}, epochs, wholeEpochs: epochs, metric: 'ndcg@10', checkpoint: 'none' },
  direction: 'higher' as const,
})

it('runs trials in one process a job; one that dies fails its trial alone, and the next has a new one', async () => {
  const processes = trialProcesses({ paths: ['good'], ...start }, pathToFileURL(double))
  const [one, other] = await Promise.all([processes.run(0, trial(2)), processes.run(1, trial(8))])
  expect([one.value, other.value]).toEqual([2, 8])
  expect(one.about!['process']).not.toBe(other.about!['process'])
  expect((await processes.run(0, trial(2))).about).toEqual(one.about)
  await expect(processes.run(0, trial(1))).rejects.toMatchObject({
    code: 'RUNTIME_FAILED',
    message: expect.stringContaining('SIGKILL') as string,
  })
  expect((await processes.run(0, trial(2))).about).not.toEqual(one.about)
  await expect(processes.run(1, trial(4))).rejects.toMatchObject({ code: 'TRAINING_DIVERGED' })
  await expect(processes.run(1, trial(6))).rejects.toThrow(/^a fault$/)
  expect((await processes.run(1, trial(8))).about).toEqual(other.about)
  await processes.close()
  expect(() => process.kill(other.about!['process'] as number, 0)).toThrow('ESRCH')
})

it.each([
  ['the data that cannot be loaded', 'bad', 2, 'FILE_NOT_FOUND'],
  ['a process that dies while it loads', 'deadly', 2, 'RUNTIME_FAILED'],
  ['what it says is of every trial', 'good', 10, 'DEVICE_UNAVAILABLE'],
])('takes for a fault of the search, and of no trial: %s', async (_what, path, epochs, code) => {
  const processes = trialProcesses({ paths: [path], ...start }, pathToFileURL(double))
  const error = await processes.run(0, trial(epochs)).catch((thrown: unknown) => thrown)
  expect(error).toBeInstanceOf(SearchFault)
  expect((error as SearchFault).cause).toMatchObject({ code })
  await processes.close()
})

it('takes no trial for failed that it ended, and starts none afterwards', async () => {
  const processes = trialProcesses({ paths: ['good'], ...start }, pathToFileURL(double))
  await processes.run(0, trial(2))
  const running = [processes.run(0, trial(12)), processes.run(1, trial(12))]
  const ended = Promise.allSettled(running)
  await processes.close()
  const after = processes.run(2, trial(2)).then(
    () => 'it ran',
    (error: unknown) => error,
  )
  const errors = (await ended).map((each) =>
    each.status === 'rejected' ? (each.reason as unknown) : 'it ran',
  )
  for (const error of [...errors, await after]) {
    expect(error).toBeInstanceOf(Error)
    expect(error).not.toBeInstanceOf(EnsuiteError)
  }
})
