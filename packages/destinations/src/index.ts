export { destinations } from './registry.generated.ts'
