import { link, mkdir, readFile, rename, rm, symlink, truncate, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { decodeSafetensors } from '../artifact/index.ts'
import { blockOfKind } from '../blocks/index.ts'
import { EnsuiteError, type ErrorCode } from '../errors.ts'
import { architectures } from './architectures.ts'
import {
  adding,
  checkpoint,
  checkpointCopy,
  number,
  renamed,
  settings,
  tensors,
  without,
  type Change,
} from './checkpoint.test-support.ts'
import { decodeValues } from './decode-values.ts'
import { fromHuggingFace, type HuggingFaceOptions } from './from-hugging-face.ts'

const WHOLE = 'model.safetensors'
const INDEX = 'model.safetensors.index.json'
const SHARD = 'model-00002-of-00003.safetensors'

test('the block has the options of the settings, and the weights of the file', async () => {
  const gpt2 = await fromHuggingFace(checkpoint('gpt2'))
  const made = blockOfKind('gpt2', { width: 16, layers: 2, heads: 2, dropout: 0.1, activation: 'gelu_new' })
  expect([gpt2.kind, gpt2.options, gpt2.supports]).toEqual(['gpt2', made.options, ['causal']])
  expect(gpt2.weights?.from).toBe(checkpoint('gpt2'))
  const file = new Uint8Array(await readFile(join(checkpoint('gpt2'), WHOLE)))
  const stored = decodeSafetensors(file, 'gpt2').tensors
  const { 'wpe.weight': places, 'ln_f.weight': scale } = gpt2.weights!.tensors
  expect(places).toEqual({ ...stored['transformer.wpe.weight']!, firstPlace: 0 })
  expect(scale).toEqual(stored['transformer.ln_f.weight'])
  expect(Object.keys(gpt2.weights!.tensors)).not.toContain('wte.weight')

  const roberta = await fromHuggingFace(checkpoint('roberta'))
  expect(roberta.options).toMatchObject({ width: 16, expansion: 2, epsilon: 1e-5 })
  expect(roberta.weights!.tensors['embeddings.position_embeddings.weight']).toMatchObject({
    shape: [14, 16],
    firstPlace: 2,
  })
  // One row there: the second one, which is never read, is zeros.
  const types = roberta.weights!.tensors['embeddings.token_type_embeddings.weight']!
  expect(types.shape).toEqual([2, 16])
  expect([...types.data.subarray(16)]).toEqual(Array(16).fill(0))
  expect((await fromHuggingFace(checkpoint('electra'))).inputWidth).toBe(8)
  expect((await fromHuggingFace(checkpoint('gpt2-float16'))).options).toMatchObject({ activation: 'gelu' })
})

test('every type has a checkpoint that is compared', async () => {
  for (const [type, { kind }] of Object.entries(architectures))
    expect((await fromHuggingFace(checkpoint(type))).kind).toBe(kind)
})

test('dropout is that of the settings where they have one, and what is said goes before it', async () => {
  const path = await checkpointCopy('gpt2')
  await settings({ attn_pdrop: 0.3, resid_pdrop: 0.3, embd_pdrop: 0.3 })(path)
  expect((await fromHuggingFace(path)).options['dropout']).toBe(0.3)
  expect((await fromHuggingFace(path, { dropout: 0 })).options['dropout']).toBe(0)
  await settings({ attn_pdrop: 0.2 })(path)
  expect((await fromHuggingFace(path, { dropout: 0.2 })).options['dropout']).toBe(0.2)
  await without('attn_pdrop', 'resid_pdrop', 'embd_pdrop')(path)
  expect((await fromHuggingFace(path)).options['dropout']).toBe(0.1)
  expect((await fromHuggingFace(checkpoint('albert'))).options['dropout']).toBe(0)
})

const oldNorms = (name: string): string =>
  name.replace(/LayerNorm\.weight$/, 'LayerNorm.gamma').replace(/LayerNorm\.bias$/, 'LayerNorm.beta')

test.each<readonly [string, string, Change]>([
  ['names without a prefix', 'gpt2', renamed((name) => name.replace('transformer.', ''))],
  ['old names of norms', 'bert', renamed(oldNorms)],
  ['old buffers', 'gpt2', adding({ 'transformer.h.0.attn.masked_bias': number(1, 'U8') })],
  ['defaults that are left out', 'gpt2', without('n_inner', 'scale_attn_weights')],
  ['settings that change nothing', 'gpt2', settings({ use_cache: false, auto_map: null, new_one: 7 })],
])('%s are no hindrance', async (_, name, change) => {
  const path = await checkpointCopy(name)
  await change(path)
  const [found, expected] = [await fromHuggingFace(path), await fromHuggingFace(checkpoint(name))]
  expect(found.options).toEqual(expected.options)
  expect(found.weights!.tensors).toEqual(expected.weights!.tensors)
})

test.each(['F16', 'BF16'] as const)('every number of %s is read as what it stands for', (dtype) => {
  const [exponents, fractions, bias] = dtype === 'F16' ? [5, 10, 15] : [8, 7, 127]
  const expected = Array.from({ length: 65_536 }, (_, bits) => {
    const sign = bits >= 32_768 ? -1 : 1
    const exponent = (bits >> fractions) & (2 ** exponents - 1)
    const fraction = (bits & (2 ** fractions - 1)) / 2 ** fractions
    if (exponent === 0) return sign * fraction * 2 ** (1 - bias)
    if (exponent === 2 ** exponents - 1) return fraction === 0 ? sign * Infinity : NaN
    return sign * (1 + fraction) * 2 ** (exponent - bias)
  })
  const bits = Uint16Array.from({ length: 65_536 }, (_, at) => at)
  expect([...decodeValues(dtype, new Uint8Array(bits.buffer))!]).toEqual(expected)
})

type Refusal = readonly [string, string, ErrorCode, Change, RegExp, HuggingFaceOptions?]

const setting = (type: string, name: string, value: unknown): Refusal => [
  `${type} with ${name} ${JSON.stringify(value)}`,
  type,
  'PRETRAINED_INVALID',
  settings({ [name]: value }),
  new RegExp(`'${name}'`),
]

const refusals: readonly Refusal[] = [
  // What blocks do not compute.
  setting('gpt2', 'scale_attn_weights', false),
  setting('gpt2', 'scale_attn_weights', null),
  setting('gpt2', 'scale_attn_by_inverse_layer_idx', true),
  setting('gpt2', 'n_inner', 32),
  setting('gpt2', 'add_cross_attention', true),
  setting('gpt2', 'activation_function', 'silu'),
  setting('gpt2', 'auto_map', { AutoModel: 'own.py' }),
  setting('bert', 'position_embedding_type', 'relative_key'),
  setting('bert', 'is_decoder', true),
  setting('bert', 'intermediate_size', 40),
  setting('bert', 'pruned_heads', { 0: [1] }),
  setting('bert', 'quantization_config', { bits: 8 }),
  setting('roberta', 'pad_token_id', 0),
  setting('roberta', 'max_position_embeddings', 2),
  setting('electra', 'position_embedding_type', 'relative_key_query'),
  setting('albert', 'num_hidden_groups', 2),
  setting('albert', 'inner_group_num', 2),
  setting('distilbert', 'sinusoidal_pos_embds', true),
  setting('xlnet', 'attn_type', 'uni'),
  setting('xlnet', 'bi_data', true),
  setting('xlnet', 'clamp_len', 8),
  setting('xlnet', 'same_length', true),
  setting('xlnet', 'untie_r', false),
  setting('transfo-xl', 'mem_len', 1600),
  setting('transfo-xl', 'clamp_len', 1000),
  setting('transfo-xl', 'same_length', true),
  setting('transfo-xl', 'attn_type', 1),
  setting('transfo-xl', 'd_head', 4),
  setting('transfo-xl', 'pre_lnorm', 'no'),
  [
    'a memory that is left out',
    'transfo-xl',
    'PRETRAINED_INVALID',
    without('mem_len'),
    /1600 for 'mem_len', .*only what 0 gives/,
  ],
  setting('longformer', 'attention_window', [4, 8]),
  setting('longformer', 'attention_window', []),
  setting('longformer', 'attention_window', [4]),
  setting('longformer', 'attention_window', [4, 4, 4]),
  setting('xlnet', 'd_head', 4),
  setting('longformer', 'pad_token_id', 0),
  setting('longformer', 'position_embedding_type', 'relative_key'),
  ['an odd window', 'longformer', 'PRETRAINED_INVALID', settings({ attention_window: 3 }), /must be even/],
  setting('llama', 'hidden_act', 'gelu'),
  setting('llama', 'rope_scaling', { type: 'linear', factor: 2 }),
  setting('llama', 'attention_bias', true),
  setting('llama', 'head_dim', 4),
  setting('llama', 'rope_parameters', 7),
  [
    'other rotary positions',
    'llama',
    'PRETRAINED_INVALID',
    settings({ rope_parameters: { rope_type: 'yarn', rope_theta: 10_000 } }),
    /"yarn" for 'rope_type'/,
  ],
  [
    'shared keys of another number',
    'llama',
    'PRETRAINED_INVALID',
    settings({ num_key_value_heads: 1 }),
    /'layers.0.self_attn.k_proj.weight' has the shape/,
  ],
  // What no model is.
  setting('gpt2', 'model_type', 'mamba2'),
  setting('gpt2', 'model_type', '__proto__'),
  setting('gpt2', 'n_embd', 1.5),
  setting('gpt2', 'n_embd', '16'),
  setting('gpt2', 'n_layer', 1e9),
  setting('gpt2', 'layer_norm_epsilon', 'small'),
  ['no type', 'gpt2', 'PRETRAINED_INVALID', without('model_type'), /'model_type' to null.*There are: gpt2, /],
  ['ReLU in GPT-2', 'gpt2', 'PRETRAINED_INVALID', settings({ activation_function: 'relu' }), /activation/],
  [
    'many layers',
    'gpt2',
    'PRETRAINED_INVALID',
    settings({ n_layer: 60_000 }),
    /layers must be .* at most 256, received 60000/,
  ],
  ['odd heads', 'gpt2', 'PRETRAINED_INVALID', settings({ n_head: 3 }), /Width 16 .* 3 heads/],
  ['a negative epsilon', 'bert', 'PRETRAINED_INVALID', settings({ layer_norm_eps: -1 }), /epsilon must be/],
  [
    'several dropouts',
    'gpt2',
    'PRETRAINED_INVALID',
    settings({ attn_pdrop: 0.3 }),
    /'attn_pdrop' 0.3.*dropout: 0.1/,
  ],
  ['no dropout', 'gpt2', 'OPTION_INVALID', settings({}), /dropout must be/, { dropout: 1 }],
  [
    'an unknown option',
    'gpt2',
    'OPTION_UNKNOWN',
    settings({}),
    /'dropuot'/,
    { dropuot: 1 } as HuggingFaceOptions,
  ],
  // Tensors.
  [
    'a layer less',
    'bert',
    'PRETRAINED_INVALID',
    settings({ num_hidden_layers: 1 }),
    /not have, .*encoder\.layer\.1/,
  ],
  [
    'a layer more',
    'bert',
    'PRETRAINED_INVALID',
    settings({ num_hidden_layers: 3 }),
    /lacks .*'encoder\.layer\.2\..*, 12 more/,
  ],
  ['another width', 'gpt2', 'PRETRAINED_INVALID', settings({ n_embd: 8 }), /has the shape .*describes/],
  [
    'other places',
    'bert',
    'PRETRAINED_INVALID',
    settings({ max_position_embeddings: 13 }),
    /\[12, 16\].*\[13, 16\]/,
  ],
  [
    'a tensor less',
    'gpt2',
    'PRETRAINED_INVALID',
    renamed((name) => (name.endsWith('ln_f.bias') ? undefined : name)),
    /lacks .*: 'ln_f.bias'\./,
  ],
  [
    'an unknown tensor',
    'gpt2',
    'PRETRAINED_INVALID',
    adding({ 'transformer.h.0.crossattention.bias': number(1) }),
    /holds .*'h.0.crossattention.bias'/,
  ],
  [
    'one tensor twice',
    'gpt2',
    'PRETRAINED_INVALID',
    adding({ 'ln_f.bias': number(1) }),
    /two tensors for 'ln_f.bias'/,
  ],
  [
    'whole numbers',
    'gpt2',
    'PRETRAINED_INVALID',
    adding({ 'transformer.ln_f.bias': { dtype: 'I8', shape: [16], bytes: new Uint8Array(16) } }),
    /type I8.*F32, F64, F16, BF16/,
  ],
  [
    'what is no number',
    'gpt2',
    'PRETRAINED_INVALID',
    adding({
      'transformer.ln_f.bias': {
        dtype: 'F32',
        shape: [16],
        bytes: new Uint8Array(Float32Array.from({ length: 16 }, () => NaN).buffer),
      },
    }),
    /'ln_f.bias' has numbers that are not finite/,
  ],
  [
    'a type that there is not',
    'gpt2',
    'FILE_UNREADABLE',
    tensors((all) => ({ ...all, x: { dtype: 'Q4', shape: [1], bytes: new Uint8Array(1) } })),
    /'x' is not described as values/,
  ],
  // Files.
  ['no settings', 'gpt2', 'FILE_NOT_FOUND', (path) => rm(join(path, 'config.json')), /holds no config.json/],
  [
    'no weights',
    'gpt2',
    'FILE_NOT_FOUND',
    (path) => rm(join(path, WHOLE)),
    /holds no model.safetensors.*safe_serialization=True/,
  ],
  [
    'no folder',
    'gpt2',
    'FILE_NOT_FOUND',
    (path) => rm(path, { recursive: true }),
    /names of models are not looked up/,
  ],
  [
    'a file',
    'gpt2',
    'FILE_UNREADABLE',
    async (path) => {
      await rm(path, { recursive: true })
      await writeFile(path, '')
    },
    /is a file/,
  ],
  [
    'no JSON',
    'gpt2',
    'FILE_UNREADABLE',
    (path) => writeFile(join(path, 'config.json'), '{'),
    /config.json.*not a JSON object/,
  ],
  [
    'a list',
    'gpt2',
    'FILE_UNREADABLE',
    (path) => writeFile(join(path, 'config.json'), '[]'),
    /not a JSON object/,
  ],
  ['an empty file', 'gpt2', 'FILE_UNREADABLE', (path) => writeFile(join(path, WHOLE), ''), /has 0 bytes/],
  [
    'a file that is cut off',
    'gpt2',
    'FILE_UNREADABLE',
    (path) => truncate(join(path, WHOLE), 20_000),
    /should have \d+ bytes/,
  ],
  [
    'a folder in place of a file',
    'gpt2',
    'FILE_UNREADABLE',
    async (path) => {
      await rm(join(path, WHOLE))
      await mkdir(join(path, WHOLE))
    },
    /no plain file/,
  ],
  [
    'a symbolic link',
    'gpt2',
    'PATH_ESCAPES',
    async (path) => {
      await rename(join(path, WHOLE), join(path, 'real'))
      await symlink('real', join(path, WHOLE))
    },
    /is a symbolic link.*cp -rL/,
  ],
  [
    'settings that are a link',
    'gpt2',
    'PATH_ESCAPES',
    async (path) => {
      await rm(join(path, 'config.json'))
      await symlink(checkpoint('gpt2/config.json'), join(path, 'config.json'))
    },
    /is a symbolic link/,
  ],
  [
    'a second hard link',
    'gpt2',
    'PATH_ESCAPES',
    (path) => link(join(path, WHOLE), join(path, 'other')),
    /one of 2 hard links/,
  ],
  // The index of several files.
  [
    'a shard outside',
    'bert-sharded',
    'PATH_ESCAPES',
    settings({ weight_map: { x: '../model.safetensors' } }, INDEX),
    /names "\.\.\/model/,
  ],
  [
    'a shard that is no name',
    'bert-sharded',
    'PATH_ESCAPES',
    settings({ weight_map: { x: 7 } }, INDEX),
    /names 7/,
  ],
  ['a shard less', 'bert-sharded', 'FILE_NOT_FOUND', (path) => rm(join(path, SHARD)), /holds no model-00002/],
  [
    'a shard that is a link',
    'bert-sharded',
    'PATH_ESCAPES',
    async (path) => {
      await rm(join(path, SHARD))
      await symlink(checkpoint(`bert-sharded/${SHARD}`), join(path, SHARD))
    },
    /is a symbolic link/,
  ],
  ['no map', 'bert-sharded', 'FILE_UNREADABLE', settings({ weight_map: [] }, INDEX), /no 'weight_map'/],
  ['an empty map', 'bert-sharded', 'FILE_UNREADABLE', settings({ weight_map: {} }, INDEX), /names 0 files/],
  [
    'a map of other tensors',
    'bert-sharded',
    'FILE_UNREADABLE',
    settings({ weight_map: { x: SHARD } }, INDEX),
    /not where it says: 'x'/,
  ],
]

test('settings of rotary positions are read under their old name and their new one', async () => {
  const path = await checkpointCopy('llama')
  expect((await fromHuggingFace(path)).options).toMatchObject({ expansion: 2.5, rotaryBase: 10_000 })
  await settings({ rope_theta: 5000 })(path)
  expect((await fromHuggingFace(path)).options).toMatchObject({ rotaryBase: 5000 })
  await settings({ rope_parameters: { rope_type: 'default', rope_theta: 300 } })(path)
  expect((await fromHuggingFace(path)).options).toMatchObject({ rotaryBase: 300 })
})

test('windows may be one number', async () => {
  const path = await checkpointCopy('longformer')
  expect((await fromHuggingFace(path)).options).toMatchObject({ window: 4, global: 'first' })
  await settings({ attention_window: 6 })(path)
  expect((await fromHuggingFace(path)).options).toMatchObject({ window: 6 })
})

test.each(refusals.map((row) => ({ title: row[0], row })))('$title is refused', async ({ row }) => {
  const [, name, code, change, message, options] = row
  const path = await checkpointCopy(name)
  await change(path)
  const error = await fromHuggingFace(path, options).catch((thrown: unknown) => thrown)
  expect(error).toMatchObject({ code })
  expect((error as Error).message).toMatch(message)
})

test('what is no path is refused', async () => {
  for (const path of ['', 7 as unknown as string])
    await expect(fromHuggingFace(path)).rejects.toMatchObject({ code: 'OPTION_INVALID' })
})

test('no change of bytes makes it fail with anything but a coded error', async () => {
  const path = await checkpointCopy('bert-sharded')
  const names = ['config.json', INDEX, SHARD]
  const files = await Promise.all(names.map((name) => readFile(join(path, name))))
  const change = fc.record({ at: fc.nat(2), from: fc.nat(4000), bytes: fc.uint8Array({ maxLength: 8 }) })
  await fc.assert(
    fc.asyncProperty(change, async ({ at, from, bytes }) => {
      const changed = Uint8Array.from(files[at]!)
      changed.set(bytes.subarray(0, Math.max(0, changed.length - from)), Math.min(from, changed.length))
      await writeFile(join(path, names[at]!), changed)
      const error = await fromHuggingFace(path).catch((thrown: unknown) => thrown)
      await writeFile(join(path, names[at]!), files[at]!)
      if (error instanceof Error) expect(error).toBeInstanceOf(EnsuiteError)
    }),
    { numRuns: 200 },
  )
})
