import type { AnyDestination, DeliverContext } from '@millrace/component-kit'
import type { JsonObject, Message, Preview, PreviewedAction } from '@millrace/protocol'
import type { CompiledAction, DestinationConfig } from '../destination-config.ts'
import { idempotencyKey } from '../idempotency-key.ts'
import { isSelected } from '../match.ts'
import { RecordingClient } from './recording-client.ts'
import { redactRequest, secretsOf } from './redact-request.ts'

export interface PreviewOptions {
  config: DestinationConfig
  destination: AnyDestination
  /** `compileActions(config, destination)`: compiled once for many messages. */
  actions: readonly CompiledAction[]
  message: Message
  /** The id of the source that the message is from, or would be. */
  source: string
  now: () => number
}

/**
 * What a destination would do with a message: the same trigger, mapping, checks and action code as in delivery, with a client
 * in the network's place that sends nothing. Secrets in the requests are masked.
 */
export const previewDelivery = async (options: PreviewOptions): Promise<Preview> => {
  const { config, actions, message, source } = options
  const decided = (outcome: Preview['outcome'], reason?: string): Preview => ({
    messageId: message.messageId,
    outcome,
    ...(reason !== undefined && { reason }),
    actions: actions.map(({ name, actionName, trigger }) => ({
      name,
      action: actionName,
      trigger: trigger.text,
      matched: trigger.matches(message),
    })),
  })
  if (config.sources !== undefined && !config.sources.includes(source)) return decided('filtered', 'not_connected')
  if (!config.enabled) return decided('filtered', 'disabled')
  const preview = decided('filtered', 'no_action')
  if (!preview.actions.some(({ matched }) => matched)) return preview
  if (!isSelected(message, config)) return decided('filtered', 'integrations')
  const rendered: PreviewedAction[] = []
  for (const [at, action] of preview.actions.entries()) {
    rendered.push(action.matched ? await renderAction(action, actions[at] as CompiledAction, options) : action)
  }
  const outcome = rendered.some(({ problems }) => problems !== undefined) ? 'invalid' : 'matched'
  return { messageId: message.messageId, outcome, actions: rendered }
}

const renderAction = async (
  shown: PreviewedAction,
  compiled: CompiledAction,
  { config, destination, message, now }: PreviewOptions,
): Promise<PreviewedAction> => {
  let values: JsonObject
  try {
    const fields = compiled.mapping.apply(message)
    const parsed = compiled.payload.parse(fields)
    if (parsed.problems !== undefined) {
      return { ...shown, problems: parsed.problems.map(({ path, message: problem }) => ({ path, message: problem })) }
    }
    values = parsed.values
  } catch (error) {
    return { ...shown, problems: [{ path: '', message: error instanceof Error ? error.message : String(error) }] }
  }
  if (destination.output === 'files') return { ...shown, fields: values }
  const http = new RecordingClient()
  const context: DeliverContext<JsonObject> = {
    settings: config.settings,
    http,
    signal: new AbortController().signal,
    now,
    destinationId: config.id,
    // Only destinations that write files look at it.
    dataDirectory: '',
  }
  const payload = {
    values,
    action: compiled.actionName,
    idempotencyKey: idempotencyKey(config.id, compiled.name, message.messageId),
    messageId: message.messageId,
  }
  const problem = await rejectionOf(() => compiled.action.deliver(context, [payload]))
  const secrets = secretsOf(destination.settings, config.settings)
  return {
    ...shown,
    fields: values,
    requests: http.requests.map((request) => redactRequest(request, secrets)),
    // What is refused before anything is sent; the made-up answer says nothing about the rest.
    ...(problem !== undefined && http.requests.length === 0 && { problems: [{ path: '', message: problem }] }),
  }
}

const rejectionOf = async (
  deliver: () => ReturnType<CompiledAction['action']['deliver']>,
): Promise<string | undefined> => {
  try {
    const [outcome] = await deliver()
    return outcome === undefined || outcome.status === 'delivered' ? undefined : outcome.message
  } catch (error) {
    return error instanceof Error ? error.message : String(error)
  }
}
