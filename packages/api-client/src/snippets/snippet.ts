import { browserScripts, browserPackages } from './browser-code.ts'
import { curlCode, goCode, nodeCode, pythonCode } from './server-code.ts'

/** Whose client a snippet uses; `none` is plain HTTP. */
export type SnippetClient = 'millrace' | 'segment' | 'customerio' | 'none'

/** Where messages go, and with which key. */
export interface SnippetTarget {
  /** Where clients reach the server, without a slash at the end: `https://events.example.com`. */
  host: string
  writeKey: string
}

/** Code that sends a first event with one client. */
export interface SnippetTemplate {
  /** The client as its registry knows it; the address of the script for what is loaded. */
  library: string
  /** What installs it, where something has to be installed. */
  install?: string
  /** The name that the code has as a file. */
  file: string
  code: (target: SnippetTarget) => string
}

export interface SnippetLanguageSpec {
  /** For people: what is written, and where it runs. */
  title: string
  /** In the order of preference: the first is the default. */
  clients: { readonly [client in SnippetClient]?: SnippetTemplate }
}

/**
 * The languages of `millrace snippet`, which the console shows as well. Every template is run by
 * `tests/snippets/snippets.test.ts`: one that is added here is tested there.
 */
export const snippetLanguages = {
  js: { title: 'JavaScript of a page, loaded from the server', clients: browserScripts },
  npm: { title: 'JavaScript of a page, bundled by its build', clients: browserPackages },
  node: { title: 'Node', clients: nodeCode },
  python: { title: 'Python', clients: pythonCode },
  go: { title: 'Go', clients: goCode },
  curl: { title: 'HTTP with curl', clients: { none: curlCode } },
} as const satisfies { readonly [language: string]: SnippetLanguageSpec }

export type SnippetLanguage = keyof typeof snippetLanguages

/** Code that is ready to run. */
export interface Snippet {
  language: SnippetLanguage
  client: SnippetClient
  library: string
  install?: string
  file: string
  code: string
}

/** Whose clients there are for a language, the default first. */
export const snippetClientsOf = (language: SnippetLanguage): SnippetClient[] =>
  Object.keys(snippetLanguages[language].clients) as SnippetClient[]

/** The code for a language and a client; undefined when that client does not exist in that language. */
export function snippetOf(
  language: SnippetLanguage,
  client: SnippetClient,
  target: SnippetTarget,
): Snippet | undefined {
  const spec: SnippetLanguageSpec = snippetLanguages[language]
  const template = spec.clients[client]
  if (template === undefined) return undefined
  const { library, install, file, code } = template
  return { language, client, library, ...(install === undefined ? {} : { install }), file, code: code(target) }
}
