export type { AlertFacts, AlertNeed, DestinationFacts, SourceFacts } from './alerts/alert-facts.ts'
export { AlertService } from './alerts/alert-service.ts'
export type { AlertServiceOptions } from './alerts/alert-service.ts'
export type { SendNotification } from './alerts/notification-queue.ts'
export type { Notification } from './alerts/notification.ts'
export { createControlApi, isControlPath } from './api/control-api.ts'
export { settingsGroups } from './workspace/settings.ts'
export { maskedSecret } from './workspace/secret-texts.ts'
export type { Catalog, CatalogAction, CatalogComponent, CatalogDestination } from './catalog/catalog.ts'
export type {
  ControlDependencies,
  CutRequest,
  DeadLettersRequest,
  PreviewRequest,
  RedriveRequest,
  ShadowRequest,
  SqlRequest,
  TailOptions,
} from './api/dependencies.ts'
export type { ActiveVersion, DestinationStart } from './versions/active-version.ts'
export type { ApplyPlan } from './versions/apply-plan.ts'
export { WorkspaceVersions } from './versions/workspace-versions.ts'
export type { Applied, ApplyOptions, WorkspaceVersionsOptions } from './versions/workspace-versions.ts'
export { checkWorkspace } from './workspace/check-workspace.ts'
export type { CheckOptions, WorkspaceCheck, WorkspaceProblem } from './workspace/check-workspace.ts'
export { defineWorkspace } from './workspace/document.ts'
export type {
  AlertDocument,
  DestinationDocument,
  FromEnvironment,
  MappingDocument,
  NotifierDocument,
  SettingDocument,
  SettingsDocument,
  SourceDocument,
  WorkspaceDocument,
} from './workspace/document.ts'
export { readWorkspaceFile } from './workspace/read-workspace.ts'
export type { NotifierType, SourceType, WorkspaceRegistry } from './workspace/registry.ts'
export { workspaceSchema } from './workspace/workspace-schema.ts'
export type {
  Workspace,
  WorkspaceAlert,
  WorkspaceDestination,
  WorkspaceNotifier,
  WorkspaceSettings,
  WorkspaceSource,
} from './workspace/workspace.ts'
