import { baselineOfKind, type Baseline } from '../baselines/index.ts'
import { PADDING } from '../codes.ts'
import { selectSessions, type Sessions } from '../data/sessions.ts'
import { EnsuiteError } from '../errors.ts'
import { shown } from '../expressions/index.ts'
import { checkOptions } from '../options.ts'
import type { FittedWorkflow } from '../workflow/index.ts'
import { checkCreatedAt, checkMetrics, checkWorkflow } from './check-contents.ts'
import { numbersOf, type SavedMetrics } from './encode-artifact.ts'
import { jsonBytes } from './json-checks.ts'
import { type BaselineFile, type BaselineManifest, FORMAT_VERSION, MANIFEST } from './manifest.ts'
import { encodeManifest } from './manifest-digest.ts'
import { packageVersion } from './package-version.ts'
import { checkReplaceable, replaceArtifact, type SaveOptions } from './save-artifact.ts'
import { fitBaseline } from './saved-baseline.ts'
import { encodeSessions } from './sessions-file.ts'
import { sha256 } from './sha256.ts'
import { type BaselineRecord, checkBaselineRecord } from './training-record.ts'

/** What goes into the artifact of a baseline. */
export interface BaselineContents {
  readonly baseline: Baseline
  /** What it learns from: it is fitted on these whenever it is loaded. */
  readonly sessions: Sessions
  /** What the sessions came from. */
  readonly workflow: FittedWorkflow
  /** What was measured of it when it was fitted on the same sessions. */
  readonly metrics?: Omit<SavedMetrics, 'best'>
  readonly training?: BaselineRecord
}

/**
 * Saves a baseline as a folder, with what it learns from: items and times of the sessions, and nothing that says whose they were. What is there already is replaced as `saveArtifact` replaces it.
 *
 * Throws `OUTPUT_EXISTS` where the path holds anything but an artifact, `OPTION_INVALID` and `OPTION_UNKNOWN` for contents that are none, for sessions of another workflow, and for a baseline that is not of
 * `baselineKinds`, and what its `fit` throws.
 */
export async function saveBaseline(
  folder: string,
  contents: BaselineContents,
  options: SaveOptions,
): Promise<void> {
  checkOptions('saveBaseline', options, ['createdAt', 'onStep'])
  checkCreatedAt(options.createdAt, 'saveBaseline')
  checkContents(contents)
  // Before the work, and again before the exchange.
  await checkReplaceable(folder)
  await replaceArtifact(folder, encodeBaseline(contents, options.createdAt), options)
}

/** The files of the artifact, by name, the manifest last. */
function encodeBaseline(
  { baseline: { kind, options }, sessions, workflow, metrics, training }: BaselineContents,
  createdAt: Date,
): ReadonlyMap<string, Uint8Array> {
  const files = new Map<BaselineFile, Uint8Array>([
    ['sessions.safetensors', encodeSessions(sessions)],
    ['workflow.json', jsonBytes('workflow', workflow.toJSON())],
  ])
  if (metrics !== undefined) files.set('metrics.json', jsonBytes('metrics', metrics, 2))
  if (training !== undefined) files.set('training.json', jsonBytes('training', training, 2))
  const manifest: BaselineManifest = {
    formatVersion: FORMAT_VERSION,
    packageVersion: packageVersion(),
    createdAt: createdAt.toISOString(),
    baseline: { kind, options: { ...options } },
    files: Object.fromEntries(
      [...files].map(([name, bytes]) => [name, { bytes: bytes.length, sha256: sha256(bytes) }]),
    ),
    metrics: numbersOf(metrics?.test.model),
  }
  return new Map([...files, [MANIFEST, encodeManifest(manifest, sha256)]])
}

function checkContents(contents: BaselineContents): void {
  checkOptions('saveBaseline: contents', contents, [
    'baseline',
    'sessions',
    'workflow',
    'metrics',
    'training',
  ])
  const { baseline, sessions, workflow, metrics, training } = contents
  checkBaseline(baseline)
  checkWorkflow(workflow, 'saveBaseline')
  checkSessions(sessions, workflow.schema.items)
  // Times that are missing, and a catalogue that is too large, are told by a single session: a folder that cannot be loaded is not written.
  const first = selectSessions({ ...sessions, categorical: {}, continuous: {} }, Int32Array.of(0))
  fitBaseline({ baseline, sessions: first, workflow })
  if (metrics !== undefined) checkMetrics(metrics, 'saveBaseline')
  if (training !== undefined) checkBaselineRecord('saveBaseline: training', training)
}

/** One that loading makes again from its kind and options. */
function checkBaseline(baseline: unknown): void {
  const { kind, options, fit } = Object(baseline) as Partial<Baseline>
  if (typeof kind !== 'string' || typeof fit !== 'function' || typeof options !== 'object')
    throw expected('baseline', 'a baseline that is not fitted, such as baselines.vstan()', baseline)
  const again = baselineOfKind(kind, options)
  if (JSON.stringify(again.options) !== JSON.stringify(options))
    throw expected('baseline', `the one that baselines.baselineOfKind('${kind}', options) makes`, options)
}

function checkSessions(sessions: unknown, codes: number): void {
  const { count, offsets, items, times } = Object(sessions) as Partial<Sessions>
  if (!(offsets instanceof Int32Array) || !(items instanceof Int32Array) || count === undefined)
    throw expected('sessions', 'what splitSessions or a workflow gives', sessions)
  if (count < 1)
    throw new EnsuiteError(
      'SESSIONS_TOO_FEW',
      'saveBaseline: there is no session to learn from. Give one at least.',
    )
  const odd = items.find((code) => code <= PADDING || code >= codes)
  if (odd !== undefined)
    throw expected('sessions.items', `codes of the workflow, from ${PADDING + 1} to ${codes - 1}`, odd)
  if (times !== undefined && !times.every(Number.isFinite))
    throw expected(
      'sessions.times',
      'finite numbers',
      times.find((time) => !Number.isFinite(time)),
    )
}

const expected = (where: string, what: string, received: unknown): EnsuiteError =>
  new EnsuiteError('OPTION_INVALID', `saveBaseline: ${where} must be ${what}, received ${shown(received)}.`)
