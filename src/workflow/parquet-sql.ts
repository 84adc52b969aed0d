import { filePattern, literals } from '../events/sql.ts'

/** What `SELECT … FROM` takes, in the order of the files. */
export const parquetSql = (files: readonly string[]): string =>
  `read_parquet(${literals(files.map(filePattern))}, hive_partitioning = false)`
