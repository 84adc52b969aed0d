import { readdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { baselineKinds, type Baseline } from '../baselines/index.ts'
import { EnsuiteError } from '../errors.ts'
import { digestedBytes } from '../json-digest.ts'
import { flipped, truncated } from '../mutants.test-support.ts'
import { readAnyArtifact, readArtifact, readBaseline } from './read-artifact.ts'
import { encodeSafetensors } from './safetensors.ts'
import { saveArtifact } from './save-artifact.ts'
import { saveBaseline, type BaselineContents } from './save-baseline.ts'
import { fitBaseline } from './saved-baseline.ts'
import { decodeSessions, encodeSessions } from './sessions-file.ts'
import { sha256 } from './sha256.ts'
import { sessionsOfColumns, tinyBaseline } from './tiny-baseline.test-support.ts'
import { temporaryFolder, tiny } from './tiny-model.test-support.ts'

const createdAt = new Date(Date.UTC(2026, 0, 1))
const coded = (code: string): Error => expect.objectContaining({ code }) as Error

test.each(baselineKinds)('%s: what is read is fitted to the same scores', async (kind) => {
  const folder = join(await temporaryFolder(), 'shop')
  const contents = tinyBaseline({ kind })
  const metrics = { test: { split: { kind: 'random' }, model: { 'ndcg@10': 0.5 } } }
  const training = { learnFrom: 'all', train: { ks: [10], filterSeen: false } } as const
  await saveBaseline(folder, { ...contents, metrics, training }, { createdAt })
  expect((await readdir(folder)).sort()).toEqual([
    'manifest.json',
    'metrics.json',
    'sessions.safetensors',
    'training.json',
    'workflow.json',
  ])
  const saved = await readBaseline(folder)
  expect(saved).toMatchObject({ metrics, training })
  expect(saved.manifest).toMatchObject({
    formatVersion: 6,
    baseline: { kind, options: contents.baseline.options },
    metrics: { 'ndcg@10': 0.5 },
  })
  const { offsets, items, times, ids } = saved.sessions
  expect({ offsets, items, times }).toEqual({
    offsets: contents.sessions.offsets,
    items: contents.sessions.items,
    times: contents.sessions.times,
  })
  // Nothing says whose sessions they were.
  expect(ids).toEqual([])
  const [before, after] = [fitBaseline(contents), fitBaseline(saved)]
  for (const events of [[], [2], [5, 4], [29], [31, 9]])
    expect(after.scoreAfter(Int32Array.from(events))).toEqual(before.scoreAfter(Int32Array.from(events)))
})

test('sessions without times have none', () => {
  const sessions = sessionsOfColumns([[0, 1], [2]], { times: false })
  expect(decodeSessions(encodeSessions(sessions), { codes: 5 })).toEqual({ ...sessions, ids: [] })
})

test('either kind is read by what reads both, and told by what reads the other', async () => {
  const folder = await temporaryFolder()
  const [model, baseline] = [join(folder, 'model'), join(folder, 'baseline')]
  await saveArtifact(model, tiny(), { createdAt })
  await saveBaseline(baseline, tinyBaseline(), { createdAt })
  expect('baseline' in (await readAnyArtifact(baseline))).toBe(true)
  expect('baseline' in (await readAnyArtifact(model))).toBe(false)
  await expect(readArtifact(baseline)).rejects.toThrow(/a baseline, vstan.*readBaseline/)
  await expect(readArtifact(baseline)).rejects.toThrow(coded('OPTION_INVALID'))
  await expect(readBaseline(model)).rejects.toThrow(/of a model.*readArtifact/)
  // One takes the place of the other.
  await saveBaseline(model, tinyBaseline(), { createdAt })
  await saveArtifact(baseline, tiny(), { createdAt })
  expect('baseline' in (await readAnyArtifact(model))).toBe(true)
  expect('baseline' in (await readAnyArtifact(baseline))).toBe(false)
})

test('a bit that is another one, and an end that is missing, are refused', async () => {
  const folder = join(await temporaryFolder(), 'shop')
  await saveBaseline(folder, tinyBaseline(), { createdAt })
  for (const [at, name] of (await readdir(folder)).sort().entries()) {
    const file = join(folder, name)
    const whole = await readFile(file)
    for (const [what, bytes] of [...flipped(whole, 2 * at, 60), ...truncated(whole, 2 * at + 1, 20)]) {
      if (name === 'manifest.json' && bytes.length === whole.length - 1) continue
      await writeFile(file, bytes)
      const error: unknown = await readAnyArtifact(folder).catch((thrown: unknown) => thrown)
      expect(error, `${name}: ${what}`).toBeInstanceOf(EnsuiteError)
      expect((error as EnsuiteError).code).toMatch(/^ARTIFACT_(INVALID|TOO_NEW)$|^PATH_ESCAPES$/)
    }
    await writeFile(file, whole)
  }
  await readBaseline(folder)
})

/** Alters the manifest as a stranger would, who makes its digest anew. */
async function forge(folder: string, change: (json: Record<string, unknown>) => unknown): Promise<void> {
  const file = join(folder, 'manifest.json')
  const { digest: _, ...json } = JSON.parse(await readFile(file, 'utf8')) as Record<string, unknown>
  change(json)
  await writeFile(file, JSON.stringify({ ...json, digest: sha256(digestedBytes(json)) }))
}

test.each<[string, (json: Record<string, unknown>) => unknown, RegExp]>([
  ['both a model and a baseline', (json) => (json['model'] = {}), /model expects nothing/],
  ['neither', (json) => delete json['baseline'], /model expects a value/],
  ['an older version', (json) => (json['formatVersion'] = 5), /model expects a value/],
  ['what it went on from', (json) => (json['startedFrom'] = 'ab'.repeat(32)), /startedFrom expects nothing/],
  [
    'an unknown kind',
    (json) => (json['baseline'] = { kind: 'slim', options: {} }),
    /'slim', which this version does not/,
  ],
  [
    'a name of JavaScript',
    (json) => (json['baseline'] = { kind: 'constructor', options: {} }),
    /does not have/,
  ],
  [
    'a strange option',
    (json) => (json['baseline'] = { kind: 'vstan', options: { a: 1 } }),
    /cannot be made.*'a'/,
  ],
  [
    'an option out of range',
    (json) => (json['baseline'] = { kind: 'decayed-markov', options: { steps: 1e9 } }),
    /cannot be made.*steps/,
  ],
  [
    'a file of a model',
    (json) =>
      ((json['files'] as Record<string, unknown>)['recommend.onnx'] = { bytes: 1, sha256: 'ab'.repeat(32) }),
    /recommend.onnx.*expects one of sessions/,
  ],
  [
    'no sessions',
    (json) => delete (json['files'] as Record<string, unknown>)['sessions.safetensors'],
    /sessions.safetensors.*expects/,
  ],
])('a manifest with %s is refused', async (_, change, message) => {
  const folder = join(await temporaryFolder(), 'shop')
  await saveBaseline(folder, tinyBaseline(), { createdAt })
  await forge(folder, change)
  await expect(readAnyArtifact(folder)).rejects.toThrow(message)
  await expect(readAnyArtifact(folder)).rejects.toThrow(coded('ARTIFACT_INVALID'))
})

const ints = (...values: number[]) => ({ shape: [values.length], data: Int32Array.from(values) })
const times = (...values: number[]) => ({ shape: [values.length], data: Float64Array.from(values) })

test.each<[string, Parameters<typeof encodeSafetensors>[0]['tensors'], RegExp]>([
  ['no items', { offsets: ints(0) }, /holds offsets/],
  ['more than there is', { offsets: ints(0, 1), items: ints(2), ids: ints(1) }, /perhaps times/],
  ['floats for codes', { offsets: ints(0, 1), items: times(2) }, /'items' should be one row of I32/],
  ['a table', { offsets: { shape: [1, 2], data: Int32Array.of(0, 1) }, items: ints(2) }, /one row/],
  ['no offsets', { offsets: ints(), items: ints(2) }, /offsets should rise/],
  ['offsets that fall', { offsets: ints(0, 2, 1, 2), items: ints(2, 3) }, /offsets should rise/],
  ['a start that is none', { offsets: ints(1, 2), items: ints(2, 3) }, /offsets should rise/],
  ['events behind the end', { offsets: ints(0, 1), items: ints(2, 3) }, /from 0 to its 2 events/],
  ['padding', { offsets: ints(0, 1), items: ints(0) }, /codes from 1 to 4/],
  ['an item beyond the catalogue', { offsets: ints(0, 1), items: ints(5) }, /codes from 1 to 4/],
  ['too few times', { offsets: ints(0, 2), items: ints(2, 3), times: times(1) }, /a time, a number, of each/],
  ['a time that is none', { offsets: ints(0, 1), items: ints(2), times: times(NaN) }, /a time, a number/],
])('sessions with %s are refused', (_, tensors, message) => {
  const decode = (): unknown => decodeSessions(encodeSafetensors({ tensors, metadata: {} }), { codes: 5 })
  expect(decode).toThrow(message)
  expect(decode).toThrow(coded('ARTIFACT_INVALID'))
})

test('no bytes make reading sessions fail with anything but a coded error', () => {
  const whole = encodeSessions(sessionsOfColumns([[0, 1], [2]], { times: true }))
  const change = fc.record({ place: fc.nat(whole.length - 1), value: fc.integer({ min: 0, max: 255 }) })
  fc.assert(
    fc.property(fc.array(change, { maxLength: 3 }), (changes) => {
      const bytes = whole.slice()
      for (const { place, value } of changes) bytes[place] = value
      try {
        const { items, offsets } = decodeSessions(bytes, { codes: 5 })
        expect(offsets.at(-1)).toBe(items.length)
      } catch (error) {
        expect(error).toMatchObject({ code: 'ARTIFACT_INVALID' })
      }
    }),
    { numRuns: 2000 },
  )
})

const good = tinyBaseline()
const without = (...names: (keyof BaselineContents)[]): BaselineContents =>
  Object.fromEntries(Object.entries(good).filter(([name]) => !names.includes(name as never))) as never

test.each<[string, object, string, RegExp]>([
  ['no baseline', without('baseline'), 'OPTION_INVALID', /baseline must be a baseline that is not fitted/],
  ['a fitted one', { ...good, baseline: fitBaseline(good) }, 'OPTION_INVALID', /not fitted, such as/],
  [
    'one of another make',
    { ...good, baseline: { ...good.baseline, kind: 'mine' } satisfies Baseline },
    'OPTION_INVALID',
    /baseline/,
  ],
  ['no sessions', without('sessions'), 'OPTION_INVALID', /sessions must be/],
  [
    'an empty log',
    { ...good, sessions: sessionsOfColumns([], { times: true }) },
    'SESSIONS_TOO_FEW',
    /no session/,
  ],
  [
    'sessions of another workflow',
    { ...good, sessions: sessionsOfColumns([[30]], { times: true }) },
    'OPTION_INVALID',
    /codes of the workflow, from 1 to 31, received 32/,
  ],
  [
    'no times where it needs them',
    { ...good, sessions: sessionsOfColumns([[1, 2]], { times: false }) },
    'OPTION_INVALID',
    /vstan.*needs sessions with times/,
  ],
  [
    'a catalogue that is too large',
    tinyBaseline({ kind: 'ease', items: 20_001 }),
    'MEMORY_FULL',
    /20000 items at most/,
  ],
  ['no workflow', without('workflow'), 'OPTION_INVALID', /workflow must be/],
  ['metrics that are none', { ...good, metrics: { test: 1 } }, 'OPTION_INVALID', /saveBaseline: metrics/],
  ['epochs', { ...good, training: { train: { epochs: 3 } } }, 'OPTION_UNKNOWN', /'epochs'/],
  ['weights', { ...good, weights: {} }, 'OPTION_UNKNOWN', /'weights'/],
])('contents with %s are not saved', async (_, contents, code, message) => {
  const folder = join(await temporaryFolder(), 'shop')
  const save = saveBaseline(folder, contents as BaselineContents, { createdAt })
  await expect(save).rejects.toThrow(message)
  await expect(save).rejects.toThrow(coded(code))
  await expect(readdir(folder)).rejects.toThrow('ENOENT')
})
