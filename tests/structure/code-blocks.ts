import { read } from './source-files.ts'

export interface CodeBlock {
  /** What follows the three backticks: the language. */
  language: string
  /** The file that the block is, when it says so. */
  name: string
  text: string
}

/** The fenced blocks of a document, in order. */
export const codeBlocks = (file: string): CodeBlock[] =>
  [...read(file).matchAll(/^```(\w+)(?: ([\w.-]+))?\n([\s\S]*?)^```$/gm)].map(
    ([, language = '', name = '', text = '']) => ({
      language,
      name,
      text,
    }),
  )

/** The commands of a document: one a line. A block with a name is a file, which the test of its guide runs. */
export const commandsOf = (file: string): string[] =>
  codeBlocks(file)
    .filter(({ language, name }) => language === 'sh' && name === '')
    .flatMap(({ text }) => text.trim().split('\n'))
