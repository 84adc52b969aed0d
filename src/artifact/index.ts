export { type Artifact, artifactFromFiles } from './artifact.ts'
export type { Sha256 } from './manifest-digest.ts'
export type { ArtifactContents, SavedMetrics } from './encode-artifact.ts'
export { type LoadedModel, loadModel } from './load-model.ts'
export { FORMAT_VERSION, type Manifest, type ModelDescription, type PartDescription } from './manifest.ts'
export { describeModel, modelFromDescription } from './parts.ts'
export { readArtifact, readArtifactFiles } from './read-artifact.ts'
export { contentInput } from '../inputs/index.ts'
export { servedBy, type Served, type ServedContent, type ServedHead } from './served.ts'
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
export { warmStart } from './warm-start.ts'
export { checkReplaceable, saveArtifact, type SaveOptions } from './save-artifact.ts'
export { ensureFolder, unwritable } from '../ensure-folder.ts'
export { flushFolder, writeFlushed, writeWhole } from './write-whole.ts'
export {
  checkFrom,
  checkLearnFrom,
  checkStart,
  checkTraining,
  checkTrainingRecord,
  trainingOptions,
} from './training-record.ts'
