import { basename } from 'node:path'
import type { Deployment } from '../deployment.ts'
import type { Model } from '../models.ts'
import { route, type Route } from '../route.ts'

export const adminRoutes: readonly Route[] = [
  route({
    name: 'adminModels',
    summary: 'The models with their artifacts and weights',
    listener: 'admin',
    scope: 'admin',
    handle: (_, { models }) => ({ models: models.list().map(statusOf) }),
  }),
  route({
    name: 'loadModel',
    summary: 'Loads an artifact beside the one that answers, and puts it in its place',
    listener: 'admin',
    scope: 'admin',
    handle: async ({ params, body }, { models }) => statusOf(await models.load(params.model, body.artifact)),
  }),
  route({
    name: 'rollbackModel',
    summary: 'The artifact that answered before answers again',
    listener: 'admin',
    scope: 'admin',
    handle: async ({ params }, { models }) => statusOf(await models.rollback(params.model)),
  }),
  route({
    name: 'removeModel',
    summary: 'Removes a model once it has answered what it was asked',
    listener: 'admin',
    scope: 'admin',
    handle: async ({ params }, { models }) => ({ removed: await models.remove(params.model) }),
  }),
  route({
    name: 'setWeights',
    summary: 'Sets the shares of the sessions that models answer',
    listener: 'admin',
    scope: 'admin',
    handle: async ({ body }, { models }) => ({
      models: (await models.setWeights(body.weights)).map(statusOf),
    }),
  }),
]

interface Status {
  readonly artifact: string
  readonly digest: string
  readonly loadedAt: string
}

const deployed = ({ folder, digest, loadedAt }: Deployment): Status => ({
  artifact: basename(folder),
  digest,
  loadedAt: loadedAt.toISOString(),
})

const statusOf = ({
  name,
  weight,
  current,
  previous,
}: Model): { name: string; weight: number; current: Status; previous?: Status } => ({
  name,
  weight,
  current: deployed(current),
  ...(previous && { previous: deployed(previous) }),
})
