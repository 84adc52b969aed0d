export { type Artifact, artifactFromFiles } from './artifact.ts'
export { type AnyArtifact, anyArtifactFromFiles, fitBaseline, type SavedBaseline } from './saved-baseline.ts'
export { type BaselineContents, saveBaseline } from './save-baseline.ts'
export type { Sha256 } from './manifest-digest.ts'
export type { ArtifactContents, SavedMetrics } from './encode-artifact.ts'
export { type LoadedModel, loadModel } from './load-model.ts'
export { FORMAT_VERSION, type Manifest } from './manifest.ts'
export type { ModelDescription, PartDescription } from './model-description.ts'
export { describeModel, modelFromDescription } from './parts.ts'
export { readAnyArtifact, readArtifact, readArtifactFiles, readBaseline } from './read-artifact.ts'
export { contentInput } from '../inputs/index.ts'
export { servedBy, servedOf, type Served, type ServedContent, type ServedHead } from './served.ts'
export {
  decodeSafetensors,
  encodeSafetensors,
  headerBytes,
  tensorTable,
  type NamedTensor,
  type PlacedTensor,
  type TensorDtype,
  type TensorFile,
} from './safetensors.ts'
export { isRecord, parseJson } from './json-checks.ts'
export { withPlainFile, type FileRefusals } from './plain-file.ts'
export { readBytes } from './read-bytes.ts'
export { warmStart } from './warm-start.ts'
export { checkReplaceable, saveArtifact, type SaveOptions } from './save-artifact.ts'
export { ensureFolder, unwritable } from '../ensure-folder.ts'
export { flushFolder, writeFlushed, writeWhole } from './write-whole.ts'
export {
  type BaselineRecord,
  checkBaselineRecord,
  checkFrom,
  checkLearnFrom,
  checkStart,
  checkTraining,
  checkTrainingRecord,
  measuringOptions,
  trainingOptions,
} from './training-record.ts'
