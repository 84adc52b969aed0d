export { lockFolder, type FolderLock } from './lock-folder.ts'
export { recordWriter, type RecordFile, type RecordWriter } from './record-writer.ts'
export {
  encodePayload,
  firstEnd,
  logEnd,
  readRecords,
  type LogEnd,
  type LogPayload,
  type ReadEnd,
  type RecordEnd,
} from './records.ts'
