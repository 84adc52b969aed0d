// Trains a small model that writes for TensorBoard, and for MLflow where a server is given, ends it inside of an epoch and goes on with it:
//   node tools/parity/make-runs.mjs FOLDER [SERVER]
// writes FOLDER/board, and into FOLDER/expected.json what both have to read. Needs `npm run build`.
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { blocks, heads, masking, model, runs, train } from '../../dist/index.js'

const [, , folder, trackingUri] = process.argv
const RESERVED = 2
const ITEMS = 20
const EXPERIMENT = 'ensuite-parity'
const codes = Array.from({ length: 110 }, (_, session) =>
  Array.from({ length: 2 + (session % 6) }, (_, event) => RESERVED + ((session * 7 + event * 3) % ITEMS)),
)
const sessions = {
  count: codes.length,
  offsets: Int32Array.from([0, ...codes.map((_, at) => codes.slice(0, at + 1).flat().length)]),
  items: Int32Array.from(codes.flat()),
  categorical: {},
  continuous: {},
  ids: codes.map((_, at) => String(at)),
}
const made = model(
  { items: ITEMS + RESERVED, categorical: {}, continuous: [] },
  {
    masking: masking.causal(),
    block: blocks.sasrec({ width: 8, layers: 1, heads: 2, dropout: 0.1 }),
    heads: [heads.nextItem()],
    maxLength: 8,
  },
)
const expected = { scalars: {}, histograms: {} }
const add = (tag, step, value) => ((expected.scalars[tag] ??= {})[step] = value)
const itemNames = Array.from({ length: ITEMS }, (_, at) => `shoe ${at}`)
let weights
const listener = {
  onStart: (start) => (weights = start.readWeights),
  onUpdate: ({ update, updateLoss, learningRate, gradientNorm }) => {
    add('train/loss', update, updateLoss)
    add('train/learning_rate', update, learningRate)
    add('train/gradient_norm', update, gradientNorm)
  },
  onEvaluation: ({ update, validation }) => {
    for (const [name, value] of Object.entries(validation)) add(`validation/${name}`, update, value)
  },
  onEpoch: async ({ updates, loss }) => {
    add('train/epoch_loss', updates, loss)
    for (const [name, values] of Object.entries(await weights()))
      (expected.histograms[`weights/${name}`] ??= {})[updates] = Array.from(values)
  },
}
const killed = { onUpdate: ({ update }) => update === 12 && Promise.reject(new Error('killed')) }
const run = (callbacks) =>
  train(made, sessions, {
    ...{ validation: sessions, epochs: 4, batchSize: 24, evaluateEvery: 2 },
    checkpoint: { folder: join(folder, 'checkpoint'), resume: true, everySeconds: 600 },
    callbacks: [
      runs.tensorBoard(join(folder, 'board'), { itemNames, updatesEvery: 1 }),
      ...(trackingUri === undefined
        ? []
        : [runs.mlflow({ trackingUri, experiment: EXPERIMENT, updatesEvery: 1, required: true })]),
      ...callbacks,
    ],
  })
await run([killed]).catch((error) => {
  if (error.message !== 'killed') throw error
})
// A run that is not interrupted says what is expected.
await train(made, sessions, {
  ...{ validation: sessions, epochs: 4, batchSize: 24, evaluateEvery: 2 },
  callbacks: [listener],
})
const trained = await run([])
expected.items = {
  names: itemNames,
  vectors: Array.from({ length: ITEMS }, (_, at) =>
    Array.from(trained.weights['item.weight'].slice((at + RESERVED) * 8, (at + RESERVED + 1) * 8)),
  ),
}
writeFileSync(join(folder, 'expected.json'), JSON.stringify(expected))
