import { createServer, type IncomingMessage, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { Point } from './mlflow-run.ts'

export interface DoubleRun {
  readonly id: string
  readonly experiment: string
  readonly tags: Record<string, string>
  readonly params: Record<string, string>
  readonly points: Point[]
  status: string
}

/** A server that answers as MLflow does, as far as it is asked here. */
export interface ServerDouble {
  readonly uri: string
  readonly runs: DoubleRun[]
  readonly experiments: Map<string, string>
  /** Requests as they came, and the sizes of their lists. */
  readonly requests: {
    readonly path: string
    readonly authorization: string | undefined
    readonly body: Body
  }[]
  /** What a request is answered in place of what it asked for: a status, or nothing at all. */
  failing: ((path: string, count: number) => number | 'silence' | undefined) | undefined
  close(): Promise<void>
}

interface Body {
  readonly [name: string]: unknown
  readonly run_id?: string
  readonly metrics?: readonly Point[]
  readonly params?: readonly { readonly key: string; readonly value: string }[]
  readonly tags?: readonly { readonly key: string; readonly value: string }[]
}

export async function serverDouble(): Promise<ServerDouble> {
  const runs: DoubleRun[] = []
  const experiments = new Map<string, string>()
  const requests: ServerDouble['requests'] = []
  const wrong = (error_code: string, message = ''): [number, object] => [400, { error_code, message }]

  const routes: Readonly<Record<string, (body: Body) => [number, object]>> = {
    'experiments/get-by-name': (body) => {
      const id = experiments.get(String(body['experiment_name']))
      if (id === undefined) return [404, { error_code: 'RESOURCE_DOES_NOT_EXIST' }]
      return [200, { experiment: { experiment_id: id } }]
    },
    'experiments/create': (body) => {
      if (experiments.has(String(body['name']))) return wrong('RESOURCE_ALREADY_EXISTS')
      experiments.set(String(body['name']), String(experiments.size + 1))
      return [200, { experiment_id: String(experiments.size) }]
    },
    'runs/create': (body) => {
      const id = `run${runs.length}`
      const tags = Object.fromEntries((body.tags ?? []).map(({ key, value }) => [key, value]))
      runs.push({
        ...{ id, experiment: String(body['experiment_id']), tags, params: {}, points: [], status: 'RUNNING' },
      })
      return [200, { run: { info: { run_id: id } } }]
    },
    'runs/search': (body) => {
      const [, digest] = /= '([0-9a-f]+)'$/.exec(String(body['filter']))!
      const found = runs.filter((each) => each.tags['ensuite.digest'] === digest).slice(-1)
      const latest = (points: readonly Point[]): readonly Point[] => [
        ...new Map(points.map((each) => [each.key, each])).values(),
      ]
      return [
        200,
        {
          runs: found.map(({ id, points, params }) => ({
            info: { run_id: id },
            data: {
              metrics: latest(points),
              params: Object.entries(params).map(([key, value]) => ({ key, value })),
            },
          })),
        },
      ]
    },
    'runs/log-batch': ({ run_id, metrics = [], params = [], tags = [] }) => {
      const run = runs.find(({ id }) => id === run_id)!
      if (metrics.length > 1000 || params.length > 100 || tags.length > 100)
        return wrong('INVALID_PARAMETER_VALUE', 'too many')
      const bad = [...metrics, ...params].find(({ key }) => !/^[\w\-. /:]{1,250}$/.test(key))
      if (bad !== undefined) return wrong('INVALID_PARAMETER_VALUE', bad.key)
      run.points.push(...metrics)
      for (const { key, value } of params) run.params[key] = value
      for (const { key, value } of tags) run.tags[key] = value
      return [200, {}]
    },
    'runs/update': ({ run_id, status }) => {
      runs.find(({ id }) => id === run_id)!.status = String(status)
      return [200, {}]
    },
  }

  const server: Server = createServer((request, response) => {
    void bodyOf(request).then((text) => {
      const { pathname, searchParams } = new URL(request.url!, 'http://localhost')
      const path = pathname.replace('/api/2.0/mlflow/', '')
      const body = (text === '' ? Object.fromEntries(searchParams) : JSON.parse(text)) as Body
      requests.push({ path, authorization: request.headers.authorization, body })
      const failure = double.failing?.(path, requests.length)
      if (failure === 'silence') return
      const [status, answer] =
        failure === undefined ? routes[path]!(body) : [failure, { error_code: 'INTERNAL_ERROR' }]
      response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(answer))
    })
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const double: ServerDouble = {
    uri: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    ...{ runs, experiments, requests, failing: undefined },
    close: () =>
      new Promise((resolve) => {
        server.close(() => {
          resolve()
        })
        server.closeAllConnections()
      }),
  }
  return double
}

async function bodyOf(request: IncomingMessage): Promise<string> {
  let text = ''
  for await (const chunk of request) text += String(chunk)
  return text
}
