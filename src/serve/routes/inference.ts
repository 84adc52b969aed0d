import { packageVersion } from '../../artifact/package-version.ts'
import { hasVectors } from '../has-vectors.ts'
import { RequestProblem } from '../problems.ts'
import { recommendAllFor } from '../recommend-for.ts'
import { outputsOf, sessionsOf } from '../inference-tensors.ts'
import { route, type Route } from '../route.ts'
import { shopOptions } from '../shop-options.ts'

const shared = { listener: 'public', inference: true } as const

/** The Open Inference Protocol v2: a session is a row, oldest event first, with '' where it is shorter than the others. */
export const inferenceRoutes: readonly Route[] = [
  route({
    ...shared,
    name: 'inferenceServer',
    summary: 'Name and version of the server',
    scope: 'read',
    handle: () => ({ name: 'ensuite', version: packageVersion(), extensions: [] }),
  }),
  route({
    ...shared,
    name: 'inferenceLive',
    summary: 'Whether the process answers',
    scope: 'none',
    handle: () => ({ live: true }),
  }),
  route({
    ...shared,
    name: 'inferenceReady',
    summary: 'Whether requests are to be sent here',
    scope: 'none',
    handle: async (_, { isReady }) => {
      if (!(await isReady())) throw new RequestProblem('NOT_READY')
      return { ready: true }
    },
  }),
  route({
    ...shared,
    name: 'inferenceModel',
    summary: 'Inputs and outputs of a model',
    scope: 'read',
    handle: ({ params }, { models }) => {
      const { name, current } = models.named(params.model)
      const { columns, itemColumn } = current.recommender
      const named = [itemColumn, ...columns.filter((column) => column !== itemColumn)]
      return {
        name,
        versions: [current.digest],
        platform: hasVectors(current.recommender) ? 'ensuite_onnx' : 'ensuite_baseline',
        inputs: named.map((column) => ({ name: column, datatype: 'BYTES', shape: [-1, -1] })),
        outputs: [
          { name: 'items', datatype: 'BYTES', shape: [-1, -1] },
          { name: 'scores', datatype: 'FP32', shape: [-1, -1] },
        ],
      }
    },
  }),
  route({
    ...shared,
    name: 'inferenceModelReady',
    summary: 'Whether a model answers',
    scope: 'read',
    handle: ({ params }, { models }) => ({ name: models.named(params.model).name, ready: true }),
  }),
  route({
    ...shared,
    name: 'infer',
    summary: 'What comes next in some sessions',
    scope: 'read',
    scores: true,
    handle: async (call, parts) => {
      const { params, body } = call
      const { itemColumn } = parts.models.named(params.model).current.recommender
      const { k, exclude_seen: excludeSeen } = body.parameters ?? {}
      const options = {
        ...(k !== undefined && { k }),
        ...(excludeSeen !== undefined && { excludeSeen }),
        ...shopOptions(parts.shop, call),
      }
      const sessions = sessionsOf(body.inputs, itemColumn)
      const { model, recommendations } = await recommendAllFor(
        { model: () => parts.models.named(params.model), sessions, options },
        parts,
        call,
      )
      const wanted = body.outputs?.map(({ name }) => name)
      return {
        model_name: params.model,
        model_version: model.current.digest,
        ...(body.id !== undefined && { id: body.id }),
        outputs: outputsOf(recommendations.map(({ items }) => items)).filter(
          ({ name }) => wanted === undefined || wanted.includes(name),
        ),
      }
    },
  }),
]
