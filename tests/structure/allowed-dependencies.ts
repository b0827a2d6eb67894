/**
 * Who may import whom: the table of ARCHITECTURE.md, which a test compares with this one. `storage` stands for its
 * interfaces alone; its engines are `@millrace/storage/engines`.
 */
export const allowedImports: { readonly [folder: string]: readonly string[] } = {
  protocol: [],
  'component-kit': ['protocol'],
  events: ['protocol'],
  storage: ['protocol'],
  destinations: ['protocol', 'component-kit'],
  warehouses: ['protocol', 'component-kit'],
  ingestion: ['protocol', 'component-kit', 'storage'],
  identity: ['protocol', 'storage'],
  pipeline: ['protocol', 'component-kit', 'storage', 'identity'],
  delivery: ['protocol', 'component-kit', 'storage'],
  control: ['protocol', 'component-kit', 'storage'],
  'api-client': ['protocol'],
  cli: ['protocol', 'api-client'],
  'sdk-core': ['protocol'],
  'sdk-browser': ['events', 'sdk-core'],
  'sdk-node': ['events', 'sdk-core'],
  testkit: ['protocol', 'component-kit', 'storage'],
  server: [
    'protocol',
    'component-kit',
    'storage',
    'storage/engines',
    'destinations',
    'warehouses',
    'ingestion',
    'identity',
    'pipeline',
    'delivery',
    'control',
  ],
}

/** Run in a browser as well: no module of Node. */
export const isomorphic: readonly string[] = [
  'protocol',
  'component-kit',
  'events',
  'api-client',
  'sdk-core',
  'sdk-browser',
]

/** Files of these that do use one, each with its reason. */
export const usesNode: { readonly [file: string]: string } = {
  'packages/component-kit/src/mapping/liquid-engine.ts':
    'loads the template engine at its first use, synchronously; a build for browsers has to replace this one file',
}

/** Declared without being imported, each with its reason. */
export const startedNotImported: { readonly [folder: string]: { readonly [dependency: string]: string } } = {
  cli: { '@millrace/server': 'the command starts the program of the server as a process of its own' },
  server: {
    '@millrace/browser': 'its built script is served to browsers as it is; none of it is imported',
    '@customerio/cdp-analytics-browser': 'its files are served to browsers as they are; none of them is imported',
    '@segment/analytics-next': 'its files are served to browsers as they are; none of them is imported',
  },
}

/** Imports that name their module only when they run, each with its reason. */
export const computedImports: { readonly [file: string]: string } = {
  'packages/cli/bin/millrace.js': 'looks for a Node that is new enough before it loads the command',
  'packages/control/src/workspace/read-workspace.ts': 'loads the workspace file that the user wrote',
}

/** Source files over 500 lines, each with the reason why it is one subject. */
export const longFiles: { readonly [file: string]: string } = {}
