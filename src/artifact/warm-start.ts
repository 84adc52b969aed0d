import type { WarmStart } from '../model/warm-start.ts'
import { contentParameter } from '../inputs/index.ts'
import { checkExtends, type FittedWorkflow } from '../workflow/index.ts'
import type { Artifact } from './artifact.ts'
import { checkWorkflow } from './check-contents.ts'
import { checkArtifact, loadModel } from './load-model.ts'

/**
 * What the next training goes on from, for `model`: the weights of an artifact, row by row at their codes. `fitted`: the workflow of the next training, fitted with
 * `{ extend: artifact.workflow }`, so that old values keep their codes and new ones follow them.
 * Throws `OPTION_INVALID` for a workflow that does not extend that of the artifact, and what `loadModel` throws.
 */
export function warmStart(artifact: Artifact, fitted: FittedWorkflow): WarmStart {
  checkArtifact('warmStart', artifact)
  checkWorkflow(fitted, 'warmStart')
  const { model, weights, workflow } = loadModel(artifact)
  checkExtends('warmStart', fitted, workflow)
  const { inputs, schema, parameters } = model
  return Object.freeze<WarmStart>({
    digest: artifact.digest,
    schema: fitted.schema,
    before: { schema, inputs },
    weights: Object.fromEntries(
      parameters.map(({ name, shape }) => [name, { shape, data: weights[name]! }] as const),
    ),
    content: Object.fromEntries(
      (inputs.content?.features ?? []).map((name) => [name, weights[contentParameter(name)]!] as const),
    ),
  })
}
