import type { RunningServer } from './start.ts'

/** What `millrace start` prints for the person who started it: the key, the addresses and a line that works. */
export const banner = ({ url, folder, active }: RunningServer): string => {
  const source = Object.values(active?.workspace.sources ?? {}).find(({ enabled }) => enabled)
  const key = source?.writeKeys[0]
  const lines = [
    `Millrace is running.`,
    ``,
    `  Tracking API   ${url}/v1`,
    `  HTTP API       ${url}/api        (token in ${folder.path}/admin-token: ${folder.adminToken})`,
    `  Metrics        ${url}/metrics`,
    `  Data folder    ${folder.path}`,
  ]
  if (source === undefined || key === undefined) {
    lines.push('', '  There is no source yet. Add one: npx millrace apply --config millrace.config.json')
  } else {
    const message = `{"userId":"user-1","event":"Signed Up","messageId":"first-'$(date +%s)'","properties":{"plan":"pro"}}`
    lines.push(
      `  Write key      ${key}   (source "${source.id}")`,
      ``,
      `Send a first event:`,
      ``,
      `  curl -sS -u ${key}: -H 'content-type: application/json' ${url}/v1/track -d '${message}'`,
      ``,
      `Then look at it:  npx millrace tail  ·  npx millrace trace <messageId>  ·  npx millrace ledger`,
    )
  }
  return `${lines.join('\n')}\n`
}
