import { mkdirSync, mkdtempSync, readdirSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, afterEach, expect, test, vi } from 'vitest'
import { loadModel, readArtifact, type Artifact } from '../../artifact/index.ts'
import { artifactConfig } from '../artifact-config.ts'
import { describeArtifact } from '../describe-artifact.ts'
import { trainCommand } from './train.ts'

const folder = mkdtempSync(join(tmpdir(), 'ensuite-warm-start-command-'))
afterAll(() => rmSync(folder, { recursive: true }))
afterEach(() => vi.restoreAllMocks())
const at = (name: string): string => join(folder, name)

/** Clicks on `items` items of `colours` colours. */
function clicks(name: string, items: number, colours: number): string {
  const rows = Array.from({ length: 200 }, (_, row) =>
    [`${name}${row % 40}`, `i${(row * 3) % items}`, `c${row % colours}`].join(','),
  )
  writeFileSync(at(`${name}.csv`), `session,item,colour\n${rows.join('\n')}\n`)
  return at(`${name}.csv`)
}
const [last, next] = [clicks('last', 10, 3), clicks('next', 13, 40)]

/** What the command says beside its result. */
async function train(...given: readonly string[]): Promise<string> {
  const written: string[] = []
  for (const stream of [process.stdout, process.stderr])
    vi.spyOn(stream, 'write').mockImplementation((text) => written.push(String(text)) > 0)
  await trainCommand()
    .exitOverride()
    .parseAsync([...given], { from: 'user' })
  return written.join('')
}
const columns = ['--session', 'session', '--item', 'item', '--categorical', 'colour']
const small = ['--width', '8', '--heads', '1', '--layers', '1', '-k', '3']
const still = ['--epochs', '1', '--learning-rate', '0']

async function trainedLast(out: string, ...more: readonly string[]): Promise<Artifact> {
  await train(last, ...columns, ...small, '--epochs', '2', '--batch-size', '16', '--out', at(out), ...more)
  return readArtifact(at(out))
}

function expectGoesOn(from: Artifact, to: Artifact): void {
  const [old, own] = [loadModel(from), loadModel(to)]
  for (const [name, values] of Object.entries(old.weights))
    expect(own.weights[name]!.subarray(0, values.length), name).toEqual(values)
  expect(to.manifest.startedFrom).toBe(from.digest)
}

test('it goes on as the artifact was trained, with the codes that it had and more', async () => {
  const before = await trainedLast('first', '--split', 'random', '--max-length', '7')
  const said = await train(next, '--warm-start', at('first'), ...still, '--out', at('second'))
  expect(said).toContain(`Goes on from ${at('first')}. New since: 3 items, 31 of colour`)
  const artifact = await readArtifact(at('second'))
  expectGoesOn(before, artifact)
  const { schema, inputs, ...parts } = before.manifest.model
  expect(artifact.manifest.model).toMatchObject(parts)
  expect(artifact.manifest.model.schema).toEqual({ ...schema, items: 15, categorical: { colour: 36 } })
  // The rule would make the table of 36 codes wider than that of 5.
  expect(artifact.manifest.model.inputs).toEqual({ ...inputs, widths: { colour: 4 } })
  expect(artifact.training).toMatchObject({
    warmStart: at('first'),
    train: { epochs: 1, batchSize: 16, optimizer: { learningRate: 0 } },
  })
  const config = artifactConfig(artifact)
  expect(config).toMatchObject({ warmStart: at('first'), split: { kind: 'random' } })
  expect(describeArtifact(artifact, config)).toContain(
    `warm start  ${at('first')} (digest ${before.digest.slice(0, 12)}…)`,
  )
  // The config of it trains it again; also in its place.
  writeFileSync(at('config.json'), JSON.stringify(config))
  await train(next, '--config', at('config.json'), '--out', at('second'), '--overwrite')
  expect(loadModel(await readArtifact(at('second'))).weights).toEqual(loadModel(artifact).weights)
  const again = await readArtifact(at('second'))
  await train(next, '--warm-start', at('second'), ...still, '--out', at('second'), '--overwrite')
  expectGoesOn(again, await readArtifact(at('second')))
})

test('a config says what it says, and the rest is as the artifact was trained', async () => {
  await trainedLast('partly', '--loss', 'bpr', '--optimizer', 'adagrad')
  const told = {
    model: { inputs: { dropout: 0.3 }, block: { options: { dropout: 0.4 } } },
    train: { epochs: 1, patience: 3, optimizer: { learningRate: 0.5 } },
  }
  writeFileSync(at('partly.json'), JSON.stringify(told))
  await train(next, '--warm-start', at('partly'), '--config', at('partly.json'), '--out', at('further'))
  const { manifest, training } = await readArtifact(at('further'))
  expect(manifest.model).toMatchObject({
    inputs: { dropout: 0.3, widths: { colour: 4 } },
    block: { kind: 'sasrec', options: { width: 8, dropout: 0.4 } },
    heads: [{ options: { loss: 'bpr' } }],
  })
  expect(training).toMatchObject({
    train: { epochs: 1, patience: 3, batchSize: 16, optimizer: { kind: 'adagrad', learningRate: 0.5 } },
  })
})

test('the same columns by flags are the same workflow, and others are refused', async () => {
  const before = await trainedLast('flags')
  await train(next, '--warm-start', at('flags'), ...columns, ...still, '--out', at('more'))
  expectGoesOn(before, await readArtifact(at('more')))
  const refused = (...flags: readonly string[]): Promise<string> =>
    train(next, '--warm-start', at('flags'), ...flags, ...still, '--out', at('none'))
  await expect(refused('--session', 'session', '--item', 'item')).rejects.toThrow(/the same definition/)
  await expect(refused('--width', '16')).rejects.toMatchObject({
    code: 'SHAPE_MISMATCH',
    message: expect.stringContaining(
      "'item.weight' has the shape [12, 8] in it, and [15, 16] here",
    ) as string,
  })
  await expect(refused('--block', 'gpt2')).rejects.toMatchObject({ code: 'SHAPE_MISMATCH' })
  await expect(train(next, '--warm-start', at('nowhere'), '--out', at('none'))).rejects.toMatchObject({
    code: 'FILE_NOT_FOUND',
  })
})

test('an artifact that is there is left as it is, unless it is to be replaced or its own run goes on', async () => {
  const before = await trainedLast('there')
  const command = [last, ...columns, ...small, '--epochs', '1', '--out', at('there')]
  for (const flags of [[], ['--resume']])
    await expect(train(...command, ...flags)).rejects.toMatchObject({
      code: 'OUTPUT_EXISTS',
      message: expect.stringMatching(/Add --overwrite/) as string,
    })
  // Before the events are read.
  await expect(train(at('none.csv'), ...command.slice(1))).rejects.toMatchObject({ code: 'OUTPUT_EXISTS' })
  expect((await readArtifact(at('there'))).digest).toBe(before.digest)
  await train(...command, '--overwrite')
  const after = await readArtifact(at('there'))
  expect(after.training).toMatchObject({ train: { epochs: 1 } })
  // A run that is killed between saving and removing its checkpoint goes on: this one would, were its checkpoint whole.
  mkdirSync(at('there.training'))
  writeFileSync(at('there.training/checkpoint.safetensors'), '')
  await expect(train(...command, '--resume')).rejects.toMatchObject({ code: 'CHECKPOINT_INVALID' })
})

test('checkpoints that are kept go with the artifact that is replaced, and not otherwise', async () => {
  const command = [last, ...columns, ...small, '--keep-checkpoints', '2', '--out', at('kept')]
  await train(...command, '--epochs', '2')
  const kept = (): readonly string[] => readdirSync(at('kept.training')).sort()
  expect(kept()).toContain('epoch-2.safetensors')
  const before = kept()
  renameSync(at('kept'), at('moved'))
  await expect(train(...command, '--epochs', '1')).rejects.toMatchObject({ code: 'CHECKPOINT_EXISTS' })
  await expect(train(...command, '--epochs', '2', '--resume')).rejects.toMatchObject({
    code: 'CHECKPOINT_INVALID',
    message: expect.stringMatching(/kept: 2, 1.*--resume-from 2/) as string,
  })
  expect(kept()).toEqual(before)
  renameSync(at('moved'), at('kept'))
  await train(...command, '--epochs', '1', '--overwrite')
  expect(kept()).toEqual(['epoch-1.safetensors'])
})
