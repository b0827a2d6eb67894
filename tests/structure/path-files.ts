import { read } from './source-files.ts'

/** The files that a diagram of ARCHITECTURE.md names, in order; the n-th diagram of the section, from 0. */
export const pathFiles = (diagram: number): string[] => {
  const section = read('ARCHITECTURE.md')
    .split(/^## /m)
    .find((text) => text.startsWith('The path of one message'))
  const block = [...(section ?? '').matchAll(/^```\n([\s\S]*?)^```/gm)][diagram]?.[1] ?? ''
  return [...block.matchAll(/[a-z-]+\/src\/[\w/-]+\.ts/g)].map((match) => match[0])
}
