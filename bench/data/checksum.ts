import { resolve } from 'node:path'
import { DuckDBInstance } from '@duckdb/node-api'
import { Command } from 'commander'

const program = new Command('checksum')
  .description(
    'what bench/README.md compares of a folder that prepare wrote: sessions, events and their checksum',
  )
  .argument('<out>', 'folder with sessions_by_day/<day>/{train,valid,test}.parquet')
const [out] = program.parse().args as [string]
const files = resolve(out, 'sessions_by_day/*/*.parquet').replaceAll("'", "''")

const instance = await DuckDBInstance.create(':memory:')
const connection = await instance.connect()
// The day is the number of the window: the folder's name.
const read = await connection.runAndReadAll(
  `SELECT count(DISTINCT session_id) AS sessions, count(*) AS events,
     sum((((item * 31 + category) * 31 + position) * 7 + weekday) * ((ms + session_id * 31 + day * 977) % 1000003) % 2147483647) % 2147483647 AS checksum
   FROM (SELECT CAST(session AS BIGINT) AS session_id, CAST(string_split(replace(filename, '\\', '/'), '/')[-2] AS BIGINT) AS day,
       unnest(item_id)::BIGINT AS item, unnest(category)::BIGINT AS category, unnest("timestamp")::BIGINT AS ms,
       unnest(weekday)::BIGINT AS weekday, generate_subscripts(item_id, 1) - 1 AS position
     FROM read_parquet('${files}', filename = true, hive_partitioning = false))`,
)
const [row] = read.getRowObjectsJson()
process.stdout.write(
  `${JSON.stringify(Object.fromEntries(Object.entries(row!).map(([name, value]) => [name, Number(value)])))}\n`,
)
connection.closeSync()
