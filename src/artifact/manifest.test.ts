import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { EnsuiteError } from '../errors.ts'
import { artifactFromFiles } from './artifact.ts'
import { encodeArtifact } from './encode-artifact.ts'
import { decodeManifest as decodeAny, FORMAT_VERSION, MANIFEST, type Manifest } from './manifest.ts'
import { modelFromDescription } from './parts.ts'
import { sha256 } from './sha256.ts'
import { tiny } from './tiny-model.test-support.ts'

const files = encodeArtifact(
  {
    ...tiny({ sides: true }),
    metrics: {
      test: { split: { kind: 'random' }, model: { 'ndcg@10': 0.25, sessions: 4, standardErrors: {} } },
    },
  },
  { createdAt: new Date(Date.UTC(2026, 0, 31)), packageVersion: '0.1.0', sha256 },
)
const good = JSON.parse(new TextDecoder().decode(files.get(MANIFEST))) as Record<string, unknown>
const decodeManifest = (bytes: Uint8Array): Manifest => decodeAny(bytes) as Manifest
const bytesOf = (value: unknown): Uint8Array => new TextEncoder().encode(JSON.stringify(value))

test('reads version 1, which had one head', () => {
  const {
    model,
    digest: _,
    ...rest
  } = good as { readonly model: Record<string, unknown>; readonly digest: string }
  const { heads, ...others } = model
  const old = { ...rest, formatVersion: 1, model: { ...others, head: (heads as readonly unknown[])[0] } }
  expect(decodeManifest(bytesOf(old)).model).toEqual(model)
})

test('says what its training went on from, from version 5 on', () => {
  const startedFrom = 'ab'.repeat(32)
  expect(decodeManifest(changed('startedFrom', startedFrom)).startedFrom).toBe(startedFrom)
  expect(decodeManifest(bytesOf({ ...good, startedFrom, formatVersion: 5 }))).toMatchObject({ startedFrom })
  expect(() => decodeManifest(bytesOf({ ...good, startedFrom, formatVersion: 4 }))).toThrow(
    /startedFrom expects nothing/,
  )
})

test('says all that is needed to build the model and to check the files', () => {
  const { digest, ...said } = good
  expect(decodeManifest(files.get(MANIFEST)!)).toEqual(said)
  expect(digest).toMatch(/^[0-9a-f]{64}$/)
  expect(good).toMatchObject({
    formatVersion: FORMAT_VERSION,
    packageVersion: '0.1.0',
    createdAt: '2026-01-31T00:00:00.000Z',
    metrics: { 'ndcg@10': 0.25, sessions: 4 },
    model: {
      schema: { items: 32, categorical: { colour: 5 }, continuous: ['price'] },
      maxLength: 6,
      masking: { kind: 'causal', options: {} },
      block: { kind: 'sasrec', options: { width: 8, layers: 2, heads: 2, dropout: 0.2 } },
      heads: [{ kind: 'next-item', options: { tieWeights: true } }],
    },
  })
})

test('the digest of the Web Crypto API is the same, so browsers read the same files', async () => {
  const artifact = await artifactFromFiles(files)
  expect(artifact.workflow.vocabulary('colour').values).toEqual(['red', 'green', 'blue'])
  expect(artifact.metrics).toMatchObject({ test: { model: { 'ndcg@10': 0.25 } } })
})

describe('a manifest holds a digest of itself', () => {
  const read = (bytes: Uint8Array): Promise<unknown> =>
    artifactFromFiles(new Map([...files, [MANIFEST, bytes]]))

  test('how it is spelled does not matter', async () => {
    await expect(read(bytesOf(good))).resolves.toBeDefined()
  })

  test.each([
    ['createdAt', '2026-01-30T00:00:00.000Z'],
    ['packageVersion', '0.1.1'],
    ['model/maxLength', 5],
    ['model/block/options/dropout', 0],
    ['metrics/ndcg@10', 0.9],
    ['digest', '0'.repeat(64)],
  ])('%s is not changed unnoticed', async (path, value) => {
    expect(decodeManifest(changed(path, value))).toBeDefined()
    await expect(read(changed(path, value))).rejects.toMatchObject({
      code: 'ARTIFACT_INVALID',
      message: expect.stringMatching(/manifest.json was changed.*Restore/) as string,
    })
  })

  test('those of version 2 have none, and are read', async () => {
    const { digest: _, ...rest } = good
    await expect(read(bytesOf({ ...rest, formatVersion: 2 }))).resolves.toMatchObject({
      manifest: { model: { maxLength: 6 } },
    })
  })

  test('what is nested without end is refused, too', async () => {
    const depth = 100_000
    const text = JSON.stringify(good).replace(
      '"inputs":{',
      `"inputs":{"x":${'['.repeat(depth)}${']'.repeat(depth)},`,
    )
    await expect(read(new TextEncoder().encode(text.replace(',}', '}')))).rejects.toMatchObject({
      code: 'ARTIFACT_INVALID',
    })
  })
})

/** `good` with the value at `path` exchanged, or removed where it is undefined. */
function changed(path: string, value: unknown): Uint8Array {
  const copy = structuredClone(good)
  const keys = path.split('/')
  const parent = keys.slice(0, -1).reduce((at, key) => at[key] as Record<string, unknown>, copy)
  parent[keys.at(-1)!] = value
  return bytesOf(copy)
}

test.each<[string, unknown, string, RegExp]>([
  ['formatVersion', 7, 'ARTIFACT_TOO_NEW', /version 7, this package reads up to 6/],
  ['startedFrom', 'artifacts/last', 'ARTIFACT_INVALID', /startedFrom expects 64 hexadecimal digits/],
  ['digest', undefined, 'ARTIFACT_INVALID', /digest expects a value, received nothing/],
  ['formatVersion', 2, 'ARTIFACT_INVALID', /digest expects nothing/],
  ['formatVersion', 0, 'ARTIFACT_INVALID', /formatVersion expects a whole number/],
  ['formatVersion', '1', 'ARTIFACT_INVALID', /received '1'/],
  ['packageVersion', undefined, 'ARTIFACT_INVALID', /packageVersion expects a value, received nothing/],
  ['packageVersion', 'latest', 'ARTIFACT_INVALID', /packageVersion/],
  ['createdAt', 'yesterday', 'ARTIFACT_INVALID', /createdAt/],
  ['createdAt', '2026-99-01T00:00:00.000Z', 'ARTIFACT_INVALID', /createdAt/],
  ['baseline', { kind: 'vstan', options: {} }, 'ARTIFACT_INVALID', /model expects nothing/],
  ['surprise', 1, 'ARTIFACT_INVALID', /surprise expects nothing/],
  ['model', [], 'ARTIFACT_INVALID', /model expects an object/],
  ['model/maxLength', 0, 'ARTIFACT_INVALID', /maxLength/],
  ['model/schema/items', 2, 'ARTIFACT_INVALID', /schema.items expects a whole number from 3/],
  ['model/schema/categorical', null, 'ARTIFACT_INVALID', /categorical expects an object/],
  ['model/schema/categorical/colour', 2.5, 'ARTIFACT_INVALID', /colour/],
  ['model/block/kind', '../block', 'ARTIFACT_INVALID', /block.kind/],
  ['model/block/options/width', { a: 1 }, 'ARTIFACT_INVALID', /options\['width'\] expects a number/],
  ['model/heads', undefined, 'ARTIFACT_INVALID', /model.heads/],
  ['files/..%2Fpasswd', { bytes: 1, sha256: '' }, 'PATH_ESCAPES', /not the plain name/],
  ['files/.hidden', { bytes: 1, sha256: '' }, 'PATH_ESCAPES', /hidden/],
  ['files/a\\b', { bytes: 1, sha256: '' }, 'PATH_ESCAPES', /not the plain name/],
  ['files/notes.txt', { bytes: 1, sha256: '' }, 'ARTIFACT_INVALID', /notes.txt/],
  ['files/recommend.onnx', undefined, 'ARTIFACT_INVALID', /recommend.onnx/],
  ['files/recommend.onnx/bytes', 2 ** 40, 'ARTIFACT_INVALID', /bytes expects/],
  ['files/recommend.onnx/bytes', -1, 'ARTIFACT_INVALID', /bytes expects/],
  ['files/recommend.onnx/sha256', 'ABC', 'ARTIFACT_INVALID', /64 hexadecimal/],
  ['metrics/ndcg@10', '0.3', 'ARTIFACT_INVALID', /ndcg@10/],
])('%s = %j', (path, value, code, message) => {
  const decode = (): unknown => decodeManifest(changed(path, value))
  expect(decode).toThrow(message)
  expect(decode).toThrow(expect.objectContaining({ code }) as Error)
})

test.each(['../weights', '/etc/passwd', 'a/b', 'C:', '', 'x'.repeat(65), 'Ü', 'a\0'])(
  'a file named %j escapes',
  (name) => {
    const entry = { bytes: 1, sha256: '0'.repeat(64) }
    const decode = (): unknown =>
      decodeManifest(bytesOf({ ...good, files: { ...(good['files'] as object), [name]: entry } }))
    expect(decode).toThrow(expect.objectContaining({ code: 'PATH_ESCAPES' }) as Error)
  },
)

test.each<[string, object, RegExp]>([
  [
    'block',
    { kind: 'mamba', options: {} },
    /block 'mamba', which this version does not have. It has: albert, bert, .*xlnet/,
  ],
  ['block', { kind: 'constructor', options: {} }, /block 'constructor'/],
  ['block', { kind: 'gpt2', options: { width: 8, layers: 1, heads: 2, depth: 3 } }, /no option 'depth'/],
  ['block', { kind: 'gpt2', options: { width: 8, layers: 0, heads: 2 } }, /layers must be a whole number/],
  ['block', { kind: 'gpt2', options: { width: 8, layers: 1, heads: 3 } }, /cannot be built/],
  ['block', { kind: 'gpt2', options: {} }, /width/],
  ['masking', { kind: 'causal', options: { share: 1 } }, /no option 'share'/],
  ['heads', [{ kind: 'next-item', options: { temperature: 0 } }], /temperature/],
])('a %s of %j cannot be built', (role, part, message) => {
  const { model } = decodeManifest(files.get(MANIFEST)!)
  const build = (): unknown => modelFromDescription({ ...model, [role]: part })
  expect(build).toThrow(message)
  expect(build).toThrow(expect.objectContaining({ code: 'ARTIFACT_INVALID' }) as Error)
})

test('no change makes it fail with anything but a coded error', () => {
  const whole = files.get(MANIFEST)!
  const change = fc.record({ place: fc.nat(whole.length - 1), value: fc.integer({ min: 0, max: 255 }) })
  const paths = [
    'formatVersion',
    'model',
    'model/schema',
    'model/schema/items',
    'model/block/options',
    'files',
    'files/recommend.onnx',
    'metrics',
    'createdAt',
  ]
  fc.assert(
    fc.property(fc.array(change, { maxLength: 3 }), (changes) => {
      const bytes = whole.slice()
      for (const { place, value } of changes) bytes[place] = value
      codedOnly(() => decodeManifest(bytes))
    }),
    { numRuns: 2000 },
  )
  fc.assert(
    fc.property(fc.constantFrom(...paths), fc.jsonValue(), (path, value) => {
      codedOnly(() => decodeManifest(changed(path, value)))
    }),
    { numRuns: 1000 },
  )
  codedOnly(() => decodeManifest(new TextEncoder().encode('['.repeat(1_000_000))))
})

function codedOnly(run: () => unknown): void {
  try {
    run()
  } catch (error) {
    expect(error).toBeInstanceOf(EnsuiteError)
  }
}
