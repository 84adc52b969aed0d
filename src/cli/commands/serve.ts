import { Command } from 'commander'
import { pino } from 'pino'
import { EnsuiteError } from '../../errors.ts'
import { isRecord } from '../../artifact/index.ts'
import { loadRecommender } from '../../recommend/index.ts'
import type { ServeOptions } from '../../serve/index.ts'
import { scoringThreads, serveWith } from '../../serve/serve.ts'
import { hearSignals, type Signals } from '../hear-signals.ts'
import { createOutput } from '../output.ts'
import { number } from '../parse.ts'
import { FUNCTIONS_OPTION, functionsOf } from '../read-functions.ts'
import { readJson } from '../read-json.ts'
import { readKeys } from '../read-keys.ts'

interface Flags {
  readonly config?: string
  readonly host?: string
  readonly port?: number
  readonly adminHost?: string
  readonly adminPort?: number
  readonly keys?: string
  readonly redis?: string
  readonly threads?: number
  readonly telemetry?: boolean
  readonly logLevel: string
  readonly functions?: string
  readonly json: boolean
}

const EXAMPLES = `
Examples:
  $ ensuite serve artifacts/shop
  $ ensuite serve artifacts/shop --host 0.0.0.0 --port 8080 --keys keys.json --admin-port 8081
  $ ensuite serve --config serve.json`

/** Where it listens unless told otherwise. */
const PORT = 8080

/** `ensuite serve`: recommendations over HTTP, until it is told to end, be it while it starts. */
export function serveCommand(heard?: Signals): Command {
  return new Command('serve')
    .description('answer over HTTP: events, sessions, recommendations')
    .argument('[artifact]', 'folder written by train; its name is the name of the model')
    .option(
      '--config <file>',
      'JSON: models, host, port, admin, sessions, limits, catalogue, rules, vectors; flags go before',
    )
    .option('--host <address>', '127.0.0.1 unless given; another than a loopback one needs keys')
    .option('--port <n>', `${PORT} unless given; 0: any that is free`, number)
    .option('--keys <file>', 'JSON of keys with their scopes; or the variable ENSUITE_KEYS')
    .option('--admin-port <n>', 'administration, which needs a key with the scope admin', number)
    .option('--admin-host <address>', '127.0.0.1 unless given')
    .option('--redis <url>', 'sessions in Redis, for several servers: redis://host:port')
    .option('--threads <n>', 'inside an operator; all cores but one unless given', number)
    .option('--telemetry', 'spans through @opentelemetry/api')
    .option('--log-level <level>', 'debug (a line a request), info, warn, error or silent', 'info')
    .option(...FUNCTIONS_OPTION)
    .option('--json', 'print where it listens as one JSON object', false)
    .addHelpText('after', EXAMPLES)
    .action(async (artifact: string | undefined, flags: Flags) => {
      const signals = heard ?? hearSignals()
      const output = createOutput(flags)
      const given = await settled(artifact, flags)
      signals.allow(given.drainMs ?? 0)
      const functions = await functionsOf(flags)
      const { threads = scoringThreads() } = given
      const server = await serveWith(given, {
        logger: logger(flags.logLevel),
        load: (folder) => {
          if (signals.told) throw new ToldToEnd()
          return loadRecommender(folder, { ...functions, threads, background: true })
        },
      }).catch((error: unknown) => {
        if (!(error instanceof ToldToEnd)) throw error
      })
      if (server === undefined) return
      if (!signals.told)
        output.result(
          { url: server.url, ...(server.adminUrl !== undefined && { admin: server.adminUrl }) },
          () =>
            [
              `listening at ${server.url}, described at ${server.url}/openapi.json`,
              ...(server.adminUrl === undefined ? [] : [`administration at ${server.adminUrl}`]),
            ].join('\n'),
        )
      await signals.end
      await server.close()
    })
}

/** Leaves a start whose server would end at once. */
class ToldToEnd extends Error {}

/** The options of the config file, with those of the flags in their place. */
async function settled(artifact: string | undefined, flags: Flags): Promise<ServeOptions> {
  const config = flags.config === undefined ? {} : await readJson(flags.config)
  if (!isRecord(config))
    throw new EnsuiteError('OPTION_INVALID', `${flags.config!} should hold one JSON object.`)
  if ('keys' in config)
    throw new EnsuiteError(
      'OPTION_INVALID',
      `${flags.config!} holds keys. Put them into a file of their own: --keys.`,
    )
  const models = artifact === undefined ? config['models'] : [{ name: nameOf(artifact), folder: artifact }]
  if (models === undefined)
    throw new EnsuiteError(
      'OPTION_INVALID',
      'Give an artifact, or a config that lists models: [{ "name": …, "folder": … }].',
    )
  const admin = {
    ...(config['admin'] as ServeOptions['admin']),
    ...(flags.adminHost !== undefined && { host: flags.adminHost }),
    ...(flags.adminPort !== undefined && { port: flags.adminPort }),
  }
  return {
    port: PORT,
    ...(config as object),
    models: models as ServeOptions['models'],
    ...(flags.host !== undefined && { host: flags.host }),
    ...(flags.port !== undefined && { port: flags.port }),
    ...(Object.keys(admin).length > 0 && { admin }),
    ...(flags.redis !== undefined && {
      sessions: { ...inRedis(config['sessions']), kind: 'redis', url: flags.redis },
    }),
    ...(flags.threads !== undefined && { threads: flags.threads }),
    ...(flags.telemetry === true && { telemetry: true }),
    keys: await readKeys(flags.keys, process.env),
  }
}

/** What a config says of sessions that holds in Redis, too. */
function inRedis(sessions: unknown): object {
  const { events, ttlMinutes, prefix } = Object(sessions) as Readonly<Record<string, unknown>>
  return Object.fromEntries(
    Object.entries({ events, ttlMinutes, prefix }).filter(([, value]) => value !== undefined),
  )
}

/** The last part of the path, in the letters that a name may have. */
const nameOf = (artifact: string): string =>
  artifact
    .split(/[\\/]+/)
    .filter((part) => part !== '' && part !== '.')
    .at(-1)
    ?.replace(/[^A-Za-z0-9_-]/g, '-')
    .replace(/^[_-]+/, '') || 'model'

const LEVELS = ['debug', 'info', 'warn', 'error', 'silent']

function logger(level: string): ReturnType<typeof pino> {
  if (!LEVELS.includes(level))
    throw new EnsuiteError(
      'OPTION_INVALID',
      `--log-level should be one of ${LEVELS.join(', ')}, received '${level.slice(0, 50)}'.`,
    )
  return pino({ level }, { write: (line: string) => void process.stderr.write(line) })
}
