import { resolve } from 'node:path'
import { blockOfKind, type Block } from '../blocks/index.ts'
import type { MaskingKind } from '../masking/index.ts'
import { checkNumber, checkOptions, checkPath } from '../options.ts'
import { architectures, sameForAll, type Architecture } from './architectures.ts'
import { readConfig, storedTensors } from './checkpoint-files.ts'
import { unfit } from './refusals.ts'
import { checkSame, settingsOf, shown, valueOf, type Config } from './settings.ts'
import { startingTensors } from './starting-tensors.ts'

export interface HuggingFaceOptions {
  /** Of the block in training; default that of `config.json`, where it has one for all places. */
  readonly dropout?: number
}

/**
 * The block of a checkpoint folder of Hugging Face (`config.json`, and `model.safetensors` or the files of its index), which starts from the weights there. `model_type` is one of
 * `architectures`; which maskings it goes with, `model` checks. Tables of tokens, pooling layers and heads are left out, and so is the vector of what is hidden: features and heads
 * are the model's own. Only names inside the folder are read, and nothing is run or looked up elsewhere. A model's `maxLength` may be what the table of positions holds (one less, where
 * a hidden event is appended).
 *
 * Throws `PRETRAINED_INVALID` for a setting that the block does not compute and for tensors that are missing or not known; `FILE_NOT_FOUND`, `FILE_UNREADABLE`, `PATH_ESCAPES`, `OPTION_INVALID`.
 */
export async function fromHuggingFace(
  folder: string,
  options: HuggingFaceOptions = {},
): Promise<Block<MaskingKind>> {
  const where = 'blocks.fromHuggingFace'
  checkPath(where, folder)
  checkOptions(where, options, ['dropout'])
  if (options.dropout !== undefined) checkNumber(`${where}: dropout`, options.dropout, { min: 0, below: 1 })
  const path = resolve(folder)
  const config = await readConfig(path)
  const architecture = architectureOf(config)
  checkSame(config, architecture.kind, { ...sameForAll, ...architecture.same })
  const block = blockOf(architecture, config, options)
  const tensors = await startingTensors(path, await storedTensors(path), { block, architecture, config })
  return Object.freeze({ ...block, weights: Object.freeze({ from: folder, tensors }) })
}

function architectureOf(config: Config): Architecture {
  const type = valueOf(config, 'model_type')
  if (typeof type === 'string' && Object.hasOwn(architectures, type)) return architectures[type]!
  throw unfit(
    `config.json sets 'model_type' to ${shown(type ?? null)}, which no block is. There are: ${Object.keys(architectures).join(', ')}.`,
  )
}

function blockOf(
  architecture: Architecture,
  config: Config,
  { dropout }: HuggingFaceOptions,
): Block<MaskingKind> {
  const settings = settingsOf(config)
  const options = {
    ...architecture.options(settings),
    dropout: dropout ?? dropoutOf(architecture, config),
  }
  try {
    return blockOfKind(architecture.kind, options)
  } catch (cause) {
    throw unfit(`config.json describes a block that there is not: ${(cause as Error).message}`, cause)
  }
}

/** A block has one dropout. It is not part of what was learnt, and no reason to refuse: whoever trains may say it. */
function dropoutOf({ dropout }: Architecture, config: Config): number {
  const settings = settingsOf(config)
  const values = dropout.settings.map((name) => settings.number(name, dropout.otherwise))
  if (values.every((value) => value === values[0])) return values[0]!
  const said = dropout.settings.map((name, at) => `'${name}' ${values[at]!}`).join(', ')
  throw unfit(
    `config.json has several dropouts (${said}), and a block has one. Say which: blocks.fromHuggingFace(folder, { dropout: ${values[0]!} }), or --dropout.`,
  )
}
