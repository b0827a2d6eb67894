export * from './receivers/index.ts'
