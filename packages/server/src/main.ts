import { cpus } from 'node:os'
import { parseArgs } from 'node:util'
import { checkWorkspace, readWorkspaceFile, workspaceSchema } from '@millrace/control'
import { banner } from './banner.ts'
import { loadComponents } from './components.ts'
import { createLogger } from './logger.ts'
import { roles, startServer } from './start.ts'
import type { Role } from './start.ts'

/** The server's own commands. `millrace` passes them on; they need the components, which the CLI does not import. */
const usage = `usage: start|validate|document|schema [--config FILE] [--data DIR] [--port N] [--host H] [--roles ${roles.join(',')}] [--ingest-processes N] [--json]`

/** Up to two processors the process that owns the log also listens; beyond that one is left for log and delivery each. */
const defaultIngestProcesses = (): string => String(cpus().length <= 2 ? 0 : Math.min(8, cpus().length - 2))

const readOptions = () =>
  parseArgs({
    allowPositionals: true,
    options: {
      config: { type: 'string', default: process.env['MILLRACE_CONFIG'] ?? '' },
      data: { type: 'string', default: process.env['MILLRACE_DATA'] ?? './.millrace' },
      port: { type: 'string', default: process.env['MILLRACE_PORT'] ?? '8420' },
      host: { type: 'string', default: process.env['MILLRACE_HOST'] ?? '127.0.0.1' },
      roles: { type: 'string', default: roles.join(',') },
      'ingest-processes': { type: 'string', default: defaultIngestProcesses() },
      json: { type: 'boolean', default: false },
    },
  })

const wholeNumber = (name: string, text: string, most: number): number => {
  const value = Number(text)
  if (!Number.isInteger(value) || value < 0 || value > most) {
    throw new Error(`--${name} is "${text}"; it takes a whole number from 0 to ${most}`)
  }
  return value
}

const start = async (): Promise<void> => {
  const { values } = readOptions()
  const wanted = values.roles.split(',')
  const unknown = wanted.find((role) => !roles.includes(role as Role))
  if (unknown !== undefined) throw new Error(`--roles names "${unknown}"; the roles are ${roles.join(', ')}`)
  const server = await startServer({
    data: values.data,
    host: values.host,
    port: wholeNumber('port', values.port, 65_535),
    config: values.config === '' ? undefined : values.config,
    roles: wanted as Role[],
    ingestProcesses: wholeNumber('ingest-processes', values['ingest-processes'], 64),
    logger: createLogger('control'),
  })
  const { url, folder, active } = server
  process.stdout.write(
    values.json
      ? `${JSON.stringify({ url, data: folder.path, workspaceVersion: active?.version ?? null })}\n`
      : banner(server),
  )
  const end = (): void => {
    void server.stop().then(() => process.exit(0))
  }
  process.on('SIGTERM', end)
  process.on('SIGINT', end)
}

const validate = async (): Promise<void> => {
  const { values, positionals } = readOptions()
  const file = values.config === '' ? positionals[1] : values.config
  if (file === undefined) throw new Error('validate needs a file: validate --config millrace.config.json')
  const check = checkWorkspace(await readWorkspaceFile(file), await loadComponents(), { env: process.env })
  const problems = check.problems ?? []
  if (values.json) process.stdout.write(`${JSON.stringify({ valid: problems.length === 0, problems })}\n`)
  else if (problems.length === 0) process.stdout.write(`${file} is a valid workspace.\n`)
  else for (const { path, message } of problems) process.stdout.write(`${file}: ${path}: ${message}\n`)
  process.exitCode = problems.length === 0 ? 0 : 1
}

/** Prints a workspace file as JSON, whatever it was written in, unchecked: `millrace apply` sends it to the server. */
const document = async (): Promise<void> => {
  const { values, positionals } = readOptions()
  const file = values.config === '' ? positionals[1] : values.config
  if (file === undefined) throw new Error('document needs a file: document --config millrace.config.json')
  process.stdout.write(`${JSON.stringify(await readWorkspaceFile(file))}\n`)
}

const schema = async (): Promise<void> => {
  process.stdout.write(`${JSON.stringify(workspaceSchema(await loadComponents()), null, 2)}\n`)
}

const commands: Readonly<Record<string, () => Promise<void>>> = { start, validate, document, schema }

try {
  const command = commands[process.argv[2] ?? '']
  if (command === undefined) throw new Error(usage)
  await command()
} catch (error) {
  process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`)
  process.exit(2)
}
