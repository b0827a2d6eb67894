import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { codeBlocks } from '../structure/code-blocks.ts'

const publicUrl = 'https://events.example.com'

/**
 * Writes the named code of a guide into a folder, with the address of a running server in place of the one of the guide; of
 * a diff, what it leads to. Gives the names.
 */
export const writeGuideCode = async (guide: string, folder: string, url: string): Promise<string[]> => {
  const names: string[] = []
  for (const { language, name, text } of codeBlocks(`docs/guides/${guide}.md`)) {
    if (name === '') continue
    const code = language === 'diff' ? changed(text) : text
    await writeFile(join(folder, name), code.replaceAll(publicUrl, url))
    names.push(name)
  }
  return names
}

const changed = (diff: string): string =>
  diff
    .split('\n')
    .filter((line) => !line.startsWith('-'))
    .map((line) => line.slice(1))
    .join('\n')
