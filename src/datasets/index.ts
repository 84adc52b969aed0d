export { checkOutput } from './check-output.ts'
export {
  namedFiles,
  type Dataset,
  type Layout,
  type Licence,
  type RemoteFile,
  type Source,
} from './dataset.ts'
export { download } from './download.ts'
export type { DownloadOptions, DownloadProgress } from './fetch-rest.ts'
export { findSource, type FoundSource } from './find-source.ts'
export { checkSourceFiles, prepareFound, type SourceFile } from './prepare.ts'
export { datasetNamed, datasets } from './registry.ts'
export { unpackZip, type UnpackOptions } from './unpack-zip.ts'
