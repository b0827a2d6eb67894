export { startFakeCustomerIo } from './fake-customerio.ts'
export type { CustomerIoRequest, FakeCustomerIo, FakeCustomerIoOptions, ScriptedAnswer } from './fake-customerio.ts'
export type { Metric as CustomerIoMetric, Operation as CustomerIoOperation } from './operation.ts'
export type {
  CustomerIoDevice,
  CustomerIoEvent,
  CustomerIoObject,
  CustomerIoPerson,
  CustomerIoRelationship,
} from './person.ts'
export { CustomerIoWorkspace } from './workspace.ts'
export type { Notice as CustomerIoNotice, WorkspaceOptions as CustomerIoWorkspaceOptions } from './workspace.ts'
