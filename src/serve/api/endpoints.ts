/** Every address of the server by the name of what it does. Plain data without imports, so that the client carries nothing else. */
export const endpoints = {
  // events and sessions
  sendEvents: { method: 'POST', path: '/v1/events' },
  readSession: { method: 'GET', path: '/v1/sessions/:session' },
  removeSession: { method: 'DELETE', path: '/v1/sessions/:session' },
  // recommending
  recommend: { method: 'POST', path: '/v1/recommend' },
  similar: { method: 'POST', path: '/v1/similar' },
  explain: { method: 'POST', path: '/v1/explain' },
  // the catalogue
  readCatalogue: { method: 'GET', path: '/v1/catalogue' },
  upsertItems: { method: 'POST', path: '/v1/catalogue/items' },
  readItem: { method: 'GET', path: '/v1/catalogue/items/:item' },
  changeItems: { method: 'POST', path: '/v1/catalogue/changes' },
  removeItems: { method: 'POST', path: '/v1/catalogue/removals' },
  // models
  listModels: { method: 'GET', path: '/v1/models' },
  // Open Inference Protocol v2
  inferenceServer: { method: 'GET', path: '/v2' },
  inferenceLive: { method: 'GET', path: '/v2/health/live' },
  inferenceReady: { method: 'GET', path: '/v2/health/ready' },
  inferenceModel: { method: 'GET', path: '/v2/models/:model' },
  inferenceModelReady: { method: 'GET', path: '/v2/models/:model/ready' },
  infer: { method: 'POST', path: '/v2/models/:model/infer' },
  // the server itself
  live: { method: 'GET', path: '/health/live' },
  ready: { method: 'GET', path: '/health/ready' },
  metrics: { method: 'GET', path: '/metrics' },
  openapi: { method: 'GET', path: '/openapi.json' },
  // administration
  adminModels: { method: 'GET', path: '/admin/models' },
  loadModel: { method: 'POST', path: '/admin/models/:model/load' },
  rollbackModel: { method: 'POST', path: '/admin/models/:model/rollback' },
  removeModel: { method: 'DELETE', path: '/admin/models/:model' },
  setWeights: { method: 'PUT', path: '/admin/weights' },
} as const satisfies Readonly<Record<string, Endpoint>>

export interface Endpoint {
  readonly method: 'GET' | 'POST' | 'PUT' | 'DELETE'
  /** With `:name` where a parameter stands. */
  readonly path: string
}

export type EndpointName = keyof typeof endpoints
