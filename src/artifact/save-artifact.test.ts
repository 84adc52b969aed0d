import { execFileSync, spawnSync } from 'node:child_process'
import {
  chmod,
  cp,
  link,
  mkdir,
  readdir,
  readFile,
  rename,
  rm,
  symlink,
  truncate,
  utimes,
  writeFile,
} from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { digestedBytes } from '../json-digest.ts'
import { fittedWorkflowFromJson } from '../workflow/index.ts'
import { loadModel } from './load-model.ts'
import { MANIFEST } from './manifest.ts'
import { readArtifact } from './read-artifact.ts'
import { saveArtifact } from './save-artifact.ts'
import { sha256 } from './sha256.ts'
import { temporaryFolder, tiny } from './tiny-model.test-support.ts'

const createdAt = new Date(Date.UTC(2026, 0, 1))
const first = tiny({ seed: 1, maxLength: 6 })
const second = tiny({ seed: 2, maxLength: 7, sides: true })

/** The workflow of the first, its first two items exchanged. */
const reordered = fittedWorkflowFromJson(
  JSON.parse(JSON.stringify(first.workflow).replace('["i0"],["i1"]', '["i1"],["i0"]')),
)

/** Which of the two lies at the path; it is read and checked as a whole. */
const which = async (path: string): Promise<number> => (await readArtifact(path)).manifest.model.maxLength
const coded = (code: string): Error => expect.objectContaining({ code }) as Error

test('what was saved is loaded: description, weights, workflow, metrics, history', async () => {
  const path = join(await temporaryFolder(), 'deep', 'shop')
  const metrics = {
    test: {
      split: { kind: 'random' },
      model: { 'ndcg@10': 0.5 },
      floors: { popularity: { 'ndcg@10': 0.1 } },
    },
  }
  const history = [
    { epoch: 1, loss: 2.5 },
    { epoch: 2, loss: 2.25 },
  ]
  await saveArtifact(path, { ...second, metrics, history }, { createdAt })
  expect((await readdir(path)).sort()).toEqual(
    [
      'history.jsonl',
      MANIFEST,
      'metrics.json',
      'recommend.onnx',
      'weights.safetensors',
      'workflow.json',
    ].sort(),
  )
  const artifact = await readArtifact(path)
  expect(artifact).toMatchObject({ metrics, history })
  expect(artifact.manifest.metrics).toEqual({ 'ndcg@10': 0.5 })
  const loaded = loadModel(artifact)
  expect(loaded.weights).toEqual(second.weights)
  expect(loaded.workflow.toJSON()).toEqual(second.workflow.toJSON())
  expect(loaded.model.parameters.map(({ name, shape }) => ({ name, shape }))).toEqual(
    second.model.parameters.map(({ name, shape }) => ({ name, shape })),
  )
})

test('a workflow that was read again is the one that the model was made from', async () => {
  const workflow = fittedWorkflowFromJson(JSON.parse(JSON.stringify(first.workflow)))
  const path = join(await temporaryFolder(), 'shop')
  await saveArtifact(path, { ...first, workflow }, { createdAt })
  expect(await which(path)).toBe(first.model.maxLength)
})

test('the same contents give the same bytes', async () => {
  const folder = await temporaryFolder()
  for (const name of ['a', 'b']) await saveArtifact(join(folder, name), first, { createdAt })
  expect(await readFile(join(folder, 'a', MANIFEST))).toEqual(await readFile(join(folder, 'b', MANIFEST)))
})

test.each<[string, (path: string) => Promise<unknown>]>([
  ['a file', (path) => writeFile(path, 'mine')],
  ['a folder of others', (path) => mkdir(path).then(() => writeFile(join(path, 'mine.txt'), 'mine'))],
  [
    'a folder with a manifest of others',
    (path) => mkdir(path).then(() => writeFile(join(path, MANIFEST), '{"name":"app"}')),
  ],
  ['a symbolic link', (path) => symlink('elsewhere', path)],
  [
    'an artifact with a note in it',
    (path) => saveArtifact(path, first, { createdAt }).then(() => writeFile(join(path, 'note'), 'mine')),
  ],
])('%s is not replaced', async (_, put) => {
  const folder = await temporaryFolder()
  const path = join(folder, 'shop')
  await put(path)
  const before = listing(folder)
  await expect(saveArtifact(path, second, { createdAt })).rejects.toThrow(coded('OUTPUT_EXISTS'))
  expect(listing(folder)).toBe(before)
})

test('an empty folder, as others make for what is to come, is replaced', async () => {
  const folder = await temporaryFolder()
  const path = join(folder, 'shop')
  await mkdir(path)
  await saveArtifact(path, first, { createdAt })
  expect(await which(path)).toBe(first.model.maxLength)
  expect(await readdir(folder)).toEqual(['shop'])
})

const listing = (folder: string): string =>
  execFileSync('sh', ['-c', 'find . -printf "%p %y %s %l\\n" | sort'], { cwd: folder, encoding: 'utf8' })

/** Saves `second` over what is there, and stops for good at a step, as a process that is killed there. */
async function dieAt(path: string, step: string): Promise<void> {
  await new Promise<void>((resolve, reject) => {
    const onStep = (reached: string): Promise<void> | undefined => {
      if (reached !== step) return undefined
      resolve()
      return new Promise<void>(() => undefined)
    }
    saveArtifact(path, second, { createdAt, onStep }).catch(reject)
  })
}

test.each([
  ['written', 6],
  ['moved-aside', 6],
  ['placed', 7],
])('killed when %s: the artifact of maxLength %d is found, whole', async (step, expected) => {
  const folder = await temporaryFolder()
  const path = join(folder, 'shop')
  await saveArtifact(path, first, { createdAt })
  await dieAt(path, step)
  expect(await which(path)).toBe(expected)
})

test.each(['written', 'moved-aside', 'placed'])(
  'saving again after a kill when %s leaves nothing behind',
  async (step) => {
    const folder = await temporaryFolder()
    const path = join(folder, 'shop')
    await saveArtifact(path, first, { createdAt })
    await dieAt(path, step)
    // The process of this test lives on: only their age says that these were left over.
    for (const name of await readdir(folder)) if (name.startsWith('.')) await utimes(join(folder, name), 0, 0)
    await saveArtifact(path, { ...second, history: [{ epoch: 1 }] }, { createdAt })
    expect((await readArtifact(path)).history).toEqual([{ epoch: 1 }])
    expect(await readdir(folder)).toEqual(['shop'])
  },
)

test('nothing was there, killed before it was placed: nothing is found, and saving works', async () => {
  const path = join(await temporaryFolder(), 'shop')
  await dieAt(path, 'moved-aside')
  await expect(readArtifact(path)).rejects.toThrow(coded('FILE_NOT_FOUND'))
  await saveArtifact(path, first, { createdAt })
  expect(await which(path)).toBe(6)
})

test.each(['written', 'moved-aside'])('a failure when %s puts all back', async (step) => {
  const folder = await temporaryFolder()
  const path = join(folder, 'shop')
  await saveArtifact(path, first, { createdAt })
  const onStep = (reached: string): void => {
    if (reached === step) throw Object.assign(new Error('no space left on device'), { code: 'ENOSPC' })
  }
  await expect(saveArtifact(path, second, { createdAt, onStep })).rejects.toThrow(coded('FILE_UNWRITABLE'))
  expect(await which(path)).toBe(6)
  expect(await readdir(folder)).toEqual(['shop'])
})

test('only left-overs of dead runs of this very name are removed', async () => {
  const folder = await temporaryFolder()
  const dead = spawnSync(process.execPath, ['-e', '0']).pid
  const kept = [
    `.shop2.${dead}.0123456789ab.partial`,
    `.shop.${dead}.0123456789AB.partial`,
    `.shop.${dead}.0123456789ab.partial.txt`,
    '.shop.partial',
    `.shop.${process.pid}.0123456789ab.partial`,
  ]
  const left = [`.shop.${dead}.0123456789ab.partial`, `.shop.${dead}.0123456789ab.old`]
  for (const name of [...kept, ...left]) await mkdir(join(folder, name))
  await mkdir(join(folder, 'shop'))
  await rm(join(folder, 'shop'), { recursive: true })
  await rm(join(folder, left[1]!), { recursive: true })
  await saveArtifact(join(folder, 'shop'), first, { createdAt })
  await mkdir(join(folder, left[1]!))
  await saveArtifact(join(folder, 'shop'), second, { createdAt })
  expect((await readdir(folder)).sort()).toEqual([...kept, 'shop'].sort())
})

test('two runs that save at once leave one artifact, whole, and readers always find one', async () => {
  const folder = await temporaryFolder()
  const path = join(folder, 'shop')
  await saveArtifact(path, first, { createdAt })
  let saving = true
  const saves = Promise.all(
    [first, second, first, second].map((contents) => saveArtifact(path, contents, { createdAt })),
  ).finally(() => (saving = false))
  const seen: number[] = []
  while (saving) seen.push(await which(path))
  await saves
  expect(new Set([...seen, 6, 7])).toEqual(new Set([6, 7]))
  expect([6, 7]).toContain(await which(path))
  expect(await readdir(folder)).toEqual(['shop'])
})

test.runIf(process.getuid?.() !== 0)('a folder that cannot be written to', async () => {
  const folder = await temporaryFolder()
  await chmod(folder, 0o500)
  await expect(saveArtifact(join(folder, 'shop'), first, { createdAt })).rejects.toThrow(
    coded('FILE_UNWRITABLE'),
  )
})

test('a parent that is a file', async () => {
  const file = join(await temporaryFolder(), 'file')
  await writeFile(file, '')
  await expect(saveArtifact(join(file, 'shop'), first, { createdAt })).rejects.toThrow(
    coded('FILE_UNWRITABLE'),
  )
})

test.each<[string, object, string, RegExp]>([
  ['a parameter is missing', { weights: {} }, 'SHAPE_MISMATCH', /expects \d+ weights, received none/],
  [
    'a parameter is extra',
    { weights: { ...first.weights, extra: new Float32Array(1) } },
    'SHAPE_MISMATCH',
    /no parameter 'extra'/,
  ],
  [
    'a weight is NaN',
    { weights: { ...first.weights, 'norm.bias': new Float32Array(8).fill(NaN) } },
    'TRAINING_DIVERGED',
    /'norm.bias'/,
  ],
  [
    'the workflow is of another model',
    { workflow: second.workflow },
    'OPTION_INVALID',
    /another one than the model was made from/,
  ],
  [
    'the workflow has as many codes in another order',
    { workflow: reordered },
    'OPTION_INVALID',
    /its codes and numbers would mean something else/,
  ],
  [
    'a metric is NaN',
    { metrics: { test: { split: { kind: 'time' }, model: { 'ndcg@10': NaN } } } },
    'OPTION_INVALID',
    /ndcg@10/,
  ],
])('nothing is saved where %s', async (_, change, code, message) => {
  const folder = await temporaryFolder()
  const saved = saveArtifact(join(folder, 'shop'), { ...first, ...change }, { createdAt })
  await expect(saved).rejects.toThrow(message)
  await expect(saved).rejects.toThrow(coded(code))
  expect(await readdir(folder)).toEqual([])
})

const edit = async (path: string, change: (json: Record<string, never>) => void): Promise<void> => {
  const json = JSON.parse(await readFile(path, 'utf8')) as Record<string, never>
  change(json)
  await writeFile(path, JSON.stringify(json))
}
const flip = async (path: string): Promise<void> => {
  const bytes = await readFile(path)
  bytes[bytes.length >> 1]! ^= 1
  await writeFile(path, bytes)
}

test.each<[string, (path: string) => Promise<unknown>, string, RegExp]>([
  ['nothing there', (path) => rm(path, { recursive: true }), 'FILE_NOT_FOUND', /No artifact is at/],
  [
    'a file instead',
    (path) => rm(path, { recursive: true }).then(() => writeFile(path, '')),
    'ARTIFACT_INVALID',
    /is a file/,
  ],
  ['no manifest', (path) => rm(join(path, MANIFEST)), 'ARTIFACT_INVALID', /'manifest.json'.*it is missing/],
  [
    'an empty manifest',
    (path) => truncate(join(path, MANIFEST), 0),
    'ARTIFACT_INVALID',
    /manifest.json expects a JSON object/,
  ],
  [
    'a cut manifest',
    (path) => truncate(join(path, MANIFEST), 300),
    'ARTIFACT_INVALID',
    /manifest.json expects a JSON object/,
  ],
  [
    'a newer manifest',
    (path) => edit(join(path, MANIFEST), (json) => Object.assign(json, { formatVersion: 7 })),
    'ARTIFACT_TOO_NEW',
    /version 7/,
  ],
  [
    'a path out of the folder',
    (path) =>
      edit(join(path, MANIFEST), (json) =>
        Object.assign(json['files']!, { '../../secret': { bytes: 1, sha256: '0'.repeat(64) } }),
      ),
    'PATH_ESCAPES',
    /secret/,
  ],
  ...['recommend.onnx', 'weights.safetensors', 'workflow.json', 'metrics.json', 'history.jsonl'].flatMap(
    (name): [string, (path: string) => Promise<unknown>, string, RegExp][] => [
      [`no ${name}`, (path) => rm(join(path, name)), 'ARTIFACT_INVALID', new RegExp(`'${name}'.*missing`)],
      [
        `a cut ${name}`,
        (path) => truncate(join(path, name), 5),
        'ARTIFACT_INVALID',
        new RegExp(`'${name}'.*bytes and has 5`),
      ],
      [
        `a longer ${name}`,
        (path) => writeFile(join(path, name), 'more', { flag: 'a' }),
        'ARTIFACT_INVALID',
        new RegExp(`'${name}'.*at most`),
      ],
      [
        `an altered ${name}`,
        (path) => flip(join(path, name)),
        'ARTIFACT_INVALID',
        new RegExp(`'${name}'.*SHA-256`),
      ],
      [
        `a link for ${name}`,
        async (path) => {
          await rename(join(path, name), join(path, '..', 'away'))
          await symlink(join('..', 'away'), join(path, name))
        },
        'PATH_ESCAPES',
        /symbolic link/,
      ],
      [
        `a hard link for ${name}`,
        (path) => link(join(path, name), join(path, '..', 'away')),
        'PATH_ESCAPES',
        /hard links/,
      ],
      [
        `a folder for ${name}`,
        (path) => rm(join(path, name)).then(() => mkdir(join(path, name))),
        'ARTIFACT_INVALID',
        /no plain file/,
      ],
    ],
  ),
  [
    'a link for the manifest',
    async (path) => {
      await rename(join(path, MANIFEST), join(path, '..', 'away'))
      await symlink(join('..', 'away'), join(path, MANIFEST))
    },
    'PATH_ESCAPES',
    /symbolic link/,
  ],
  [
    'a pipe',
    (path) =>
      rm(join(path, 'workflow.json')).then(() => execFileSync('mkfifo', [join(path, 'workflow.json')])),
    'ARTIFACT_INVALID',
    /no plain file/,
  ],
  [
    'a vocabulary of another size than the model',
    (path) =>
      edit(join(path, MANIFEST), (json) => {
        Object.assign(json['model']!['schema'], { items: 33 })
        // One that was written wrong, and not changed afterwards.
        Object.assign(json, { digest: sha256(digestedBytes(json)) })
      }),
    'ARTIFACT_INVALID',
    /"items":33/,
  ],
  [
    'a manifest that was edited',
    (path) => edit(join(path, MANIFEST), (json) => Object.assign(json['model']!, { maxLength: 3 })),
    'ARTIFACT_INVALID',
    /manifest.json was changed/,
  ],
])('%s', async (_, harm, code, message) => {
  const path = join(await temporaryFolder(), 'shop')
  const metrics = { test: { split: { kind: 'random' }, model: { 'ndcg@10': 0.5 } } }
  await saveArtifact(path, { ...first, metrics, history: [{ epoch: 1 }] }, { createdAt })
  await harm(path)
  const read = readArtifact(path)
  await expect(read).rejects.toThrow(message)
  await expect(read).rejects.toThrow(coded(code))
})

test('weights that are not the model’s', async () => {
  const folder = await temporaryFolder()
  for (const [name, contents] of Object.entries({ first, second }))
    await saveArtifact(join(folder, name), contents, { createdAt })
  const [one, other] = [await readArtifact(join(folder, 'first')), await readArtifact(join(folder, 'second'))]
  expect(() => loadModel({ ...one, weightsFile: other.weightsFile })).toThrow(
    /weights.safetensors.*should have the shape/,
  )
  expect(() => loadModel({ ...other, weightsFile: one.weightsFile })).toThrow(/weights.safetensors/)
  const { model } = one.manifest
  const deep = { ...model, block: { ...model.block, options: { ...model.block.options, layers: 1e12 } } }
  expect(() => loadModel({ ...one, manifest: { ...one.manifest, model: deep } })).toThrow(
    /1000000000000 layers/,
  )
})

test('an artifact that was copied is an artifact', async () => {
  const folder = await temporaryFolder()
  await saveArtifact(join(folder, 'a'), first, { createdAt })
  await cp(join(folder, 'a'), join(folder, 'b'), { recursive: true })
  await symlink('b', join(folder, 'current'))
  expect(await which(join(folder, 'current'))).toBe(6)
})

describe('what is no artifact is refused before anything is written', () => {
  const { model, weights, workflow } = first
  const tested = { split: { kind: 'random' }, model: {} }
  test.each<[string, object | undefined, string, RegExp]>([
    ['nothing', undefined, 'OPTION_INVALID', /contents expects an object/],
    ['no model', { weights, workflow }, 'OPTION_INVALID', /model must be the model that was trained/],
    ['no weights', { model, workflow }, 'OPTION_INVALID', /weights must be its weights by name/],
    [
      'weights as a list of numbers',
      { ...first, weights: { ...weights, [model.parameters[0]!.name]: [1, 2] } },
      'OPTION_INVALID',
      /must be a Float32Array/,
    ],
    ['no workflow', { model, weights }, 'OPTION_INVALID', /workflow must be the fitted workflow/],
    ['a slip', { ...first, metric: {} }, 'OPTION_UNKNOWN', /'metric'. Did you mean 'metrics'\?/],
    [
      'metrics of another shape',
      { ...first, metrics: { 'ndcg@10': 0.5 } },
      'OPTION_INVALID',
      /split: \{ kind/,
    ],
    ['metrics without a split', { ...first, metrics: { test: { model: {} } } }, 'OPTION_INVALID', /split/],
    [
      'a number that JSON does not have',
      { ...first, metrics: { test: tested, best: { epoch: NaN } } },
      'OPTION_INVALID',
      /finite/,
    ],
    [
      'history that is no list',
      { ...first, history: { epoch: 1 } },
      'OPTION_INVALID',
      /history must be a list/,
    ],
    ['history of numbers', { ...first, history: [1] }, 'OPTION_INVALID', /history must be a list of records/],
    ['training that is a list', { ...first, training: [] }, 'OPTION_INVALID', /training expects an object/],
    [
      'training by another name',
      { ...first, training: { epochs: 3 } },
      'OPTION_UNKNOWN',
      /no option 'epochs'/,
    ],
    [
      'an option of train that is none',
      { ...first, training: { train: { epoch: 3 } } },
      'OPTION_UNKNOWN',
      /Did you mean 'epochs'\?/,
    ],
    ['where it ran', { ...first, training: { train: { runtime: {} } } }, 'OPTION_UNKNOWN', /'runtime'/],
    [
      'what was learnt from',
      { ...first, training: { learnFrom: 'test' } },
      'OPTION_INVALID',
      /training, all/,
    ],
  ])('%s', async (_, contents, code, says) => {
    const folder = await temporaryFolder()
    const failure = saveArtifact(join(folder, 'shop'), contents as typeof first, { createdAt })
    await expect(failure).rejects.toThrow(says)
    await expect(failure).rejects.toThrow(coded(code))
    expect(await readdir(folder)).toEqual([])
  })

  test.each<[string, unknown, string, RegExp]>([
    ['no options', undefined, 'OPTION_INVALID', /saveArtifact expects an object/],
    ['no time', {}, 'OPTION_INVALID', /createdAt must be a Date/],
    ['a number', { createdAt: 0 }, 'OPTION_INVALID', /createdAt must be a Date.*received.*0/],
    ['a time that does not exist', { createdAt: new Date(NaN) }, 'OPTION_INVALID', /a Date that exists/],
    ['a slip', { createdat: createdAt }, 'OPTION_UNKNOWN', /Did you mean 'createdAt'\?/],
  ])('options: %s', async (_, options, code, says) => {
    const folder = await temporaryFolder()
    const failure = saveArtifact(join(folder, 'shop'), first, options as { readonly createdAt: Date })
    await expect(failure).rejects.toThrow(says)
    await expect(failure).rejects.toThrow(coded(code))
    expect(await readdir(folder)).toEqual([])
  })
})

test('what train gives may be spread, and how it was trained is kept', async () => {
  const path = join(await temporaryFolder(), 'shop')
  const training = { learnFrom: 'all', train: { epochs: 3, ks: [10], filterSeen: false } } as const
  await saveArtifact(
    path,
    { ...first, history: [], best: { epoch: 1, metric: 0.5 }, training },
    { createdAt },
  )
  expect((await readArtifact(path)).training).toEqual(training)
})
