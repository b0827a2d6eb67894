import { isIP } from 'node:net'
import { compileFields } from '@millrace/component-kit'
import type { Json } from '@millrace/protocol'
import { networkFields } from './document-fields.ts'
import type { Problems } from './problems.ts'
import type { Workspace } from './workspace.ts'

const parser = compileFields(networkFields)

export function checkNetwork(value: Json, problems: Problems): Workspace['network'] {
  const { values, problems: found } = parser.parse(value)
  if (found !== undefined) {
    problems.addFields(['network'], found)
    return { allow: [], trustedProxies: [] }
  }
  const { allow, trustedProxies, publicUrl } = values
  for (const [name, ranges] of Object.entries({ allow, trustedProxies })) {
    for (const [index, range] of ranges.entries()) {
      if (isAddressRange(range)) continue
      problems.add(
        ['network', name, index],
        `is no address range: ${JSON.stringify(range)}; write it as 10.0.0.0/8 or fd00::/8`,
      )
    }
  }
  if (publicUrl === undefined) return { allow, trustedProxies }
  if (!isPublicUrl(publicUrl)) {
    problems.add(['network', 'publicUrl'], 'is no URL of a server; write it as https://events.example.com')
  }
  return { allow, trustedProxies, publicUrl: publicUrl.replace(/\/+$/, '') }
}

/** An IPv4 or IPv6 address, or a range of them in CIDR notation. */
export function isAddressRange(text: string): boolean {
  const [address = '', prefix, ...rest] = text.split('/')
  const version = isIP(address)
  if (version === 0 || rest.length > 0 || address.includes('%')) return false
  return prefix === undefined || (/^\d{1,3}$/.test(prefix) && Number(prefix) <= (version === 6 ? 128 : 32))
}

/** An http or https URL without user, query or fragment; a path may be in it. */
const isPublicUrl = (text: string): boolean =>
  /^https?:\/\/[a-z0-9._:[\]-]+(?:\/[\w./~-]*)?$/i.test(text) && URL.canParse(text)
