/** The public entry `ensuite/web`: everything that runs in a browser or a worker. Nothing here may need Node. */
export * from './graph/index.ts'
export { webRuntime, type WebRuntimeOptions } from './graph/web.ts'
