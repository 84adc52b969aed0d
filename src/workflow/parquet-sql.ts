import { filePattern, literals } from '../events/sql.ts'

/** What `SELECT … FROM` takes, in the order of the files. */
export const parquetSql = (files: readonly string[]): string =>
  `read_parquet(${literals(files.map(filePattern))}, hive_partitioning = false)`

/**
 * How files of sessions are written. The second version's encodings take a quarter less time to write, are a tenth smaller, and are read faster, by Arrow too.
 * What they leave, the lowest level packs as small as the engine's third does, in an eighth less time.
 */
export const PARQUET = 'FORMAT parquet, COMPRESSION zstd, COMPRESSION_LEVEL 1, PARQUET_VERSION V2'
