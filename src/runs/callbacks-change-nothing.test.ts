import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import type { Trained, TrainingCallback } from '../train/index.ts'
import { serverDouble, type ServerDouble } from './mlflow/server-double.test-support.ts'
import { mlflow } from './mlflow/mlflow.ts'
import { readRun } from './read-run.ts'
import { runFolder } from './run-folder.ts'
import { smallRun } from './small-run.test-support.ts'
import { tensorBoard } from './tensorboard/tensorboard.ts'

let folder: string
let server: ServerDouble
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'all-'))
  server = await serverDouble()
})
afterEach(async () => {
  await server.close()
  await rm(folder, { recursive: true, force: true })
})

const figures = ({ weights, history, best }: Trained): object => ({
  ...{ weights, best },
  history: history.map(({ loss, validation }) => ({ loss, validation })),
})

class Interrupted extends Error {}

test('all of them together, also where the run is ended and resumed, change nothing by a bit', async () => {
  const without = await smallRun()
  const all = (): readonly TrainingCallback[] => [
    runFolder(join(folder, 'run'), { updatesEvery: 1 }),
    tensorBoard(join(folder, 'board'), { updatesEvery: 1 }),
    mlflow({ trackingUri: server.uri, experiment: 'all', updatesEvery: 1 }),
  ]
  const interruption: TrainingCallback = {
    onUpdate: ({ update }) => {
      if (update === 7) throw new Interrupted()
    },
  }
  const checkpoint = { folder: join(folder, 'checkpoint'), resume: true }
  await expect(smallRun({ checkpoint, callbacks: [...all(), interruption] })).rejects.toThrow(Interrupted)
  const trained = await smallRun({ checkpoint, callbacks: all() })
  expect(figures(trained)).toEqual(figures(without))
  // Each has the losses of the run as it was.
  const { events } = await readRun(join(folder, 'run'))
  const losses = events.flatMap((line) => (line.kind === 'update' ? [[line.update, line.updateLoss]] : []))
  const sent = server.runs[0]!.points.filter(({ key }) => key === 'train/loss')
  expect(losses.map(([update]) => update)).toEqual([1, 2, 3, 4, 5, 6, 7, 8, 9, 10])
  expect(sent.map(({ step, value }) => [step, value])).toEqual(losses)
})
