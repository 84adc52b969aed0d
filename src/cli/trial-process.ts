import { RESERVED } from '../codes.ts'
import { EnsuiteError } from '../errors.ts'
import type { Device } from '../graph/index.ts'
import { nodeRuntime } from '../graph/node.ts'
import { itemContent } from '../data/index.ts'
import { checkWatched } from '../train/check-watched.ts'
import { trainLocked, withCheckpointLock } from '../train/index.ts'
import { blockFrom } from './block-from.ts'
import { checkPart } from './check-parts.ts'
import { contraryDirection } from './contrary-direction.ts'
import { cutoffs } from './evaluate-model.ts'
import type { Output } from './output.ts'
import { readConfig } from './read-config.ts'
import { SearchFault } from './search-fault.ts'
import { settleConfig } from './settle-config.ts'
import { loadTrainingData, type TrainingData } from './training-data.ts'
import { trainingInput } from './training-input.ts'
import type { TrialAsked, TrialReply, TrialRequest, TrialStart } from './trial-messages.ts'

// A process that runs trials of a search, one after the other, on data that it loads once. It ends with the process that started it.
const quiet: Output = { json: true, live: false, result: () => undefined, note: () => undefined }
let loaded: { readonly data: TrainingData; readonly start: TrialStart } | undefined

const answer = (reply: TrialReply): void => void process.send!(reply)
process.on('disconnect', () => process.exit(1))
// The process that started it hears the same signal, and says what becomes of the search.
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, () => undefined)
process.on('message', (request: TrialRequest) => {
  const done = request.kind === 'start' ? load(request) : run(request)
  done.then(answer, (thrown: unknown) => {
    const error = thrown instanceof SearchFault ? thrown.cause : thrown
    answer({
      kind: 'failed',
      ...(error instanceof EnsuiteError && { code: error.code }),
      message: error instanceof Error ? error.message : String(error),
      isOfSearch: thrown !== error || isOfMachine(error),
    })
  })
})

/** A device that cannot be used is none for any trial, and a full disk is full for all. */
const isOfMachine = (error: unknown): boolean =>
  error instanceof EnsuiteError && ['DEVICE_UNAVAILABLE', 'FILE_UNWRITABLE'].includes(error.code)

async function load(start: TrialStart): Promise<TrialReply> {
  const { config } = start.flags
  const said = config === undefined ? {} : await readConfig(config, start.flags)
  const flags = { ...start.flags, ...(said.workflow && { workflow: said.workflow }), start: undefined }
  const data = await loadTrainingData(await trainingInput(start.paths, flags, quiet), quiet)
  checkPart('validation', data)
  loaded = { data, start }
  return { kind: 'ready' }
}

/** Trains on the training part; the value is the best of the validation. The test part is never looked at. */
async function run(asked: TrialAsked): Promise<TrialReply> {
  const { config, epochs, wholeEpochs, metric, direction, checkpoint } = asked
  const { data, start } = loaded!
  const { fitted, train: sessions, validation } = data
  const { model, content, train } = settleConfig(config, [], await blockFrom(config.model?.block, []))
  const made = model(fitted, {
    ...(content.length > 0 && { content: await itemContent(sessions, fitted.schema, content) }),
  })
  const ks = cutoffs(train.ks, fitted.schema.items - RESERVED)
  const own = checkWatched({ metric, ks }, { model: made, sessions: validation })
  const contrary = contraryDirection(metric, { own, given: direction })
  if (contrary !== undefined) throw new SearchFault(contrary)
  const runtime = nodeRuntime({ device: start.device as Device, threads: start.threads })
  return withCheckpointLock(checkpoint, async () => {
    const { best, history } = await trainLocked(made, sessions, {
      ...train,
      ...{ epochs, metric, validation, runtime, ks, wholeEpochs },
      checkpoint: { folder: checkpoint, resume: true },
    })
    return {
      kind: 'measured',
      value: best?.metric ?? NaN,
      about: { epoch: best?.epoch, epochs: history.length, block: made.block.kind },
    }
  })
}
