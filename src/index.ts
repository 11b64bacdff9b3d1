/**
 * Payment callbacks that take effect exactly once, on the shop's own tables.
 *
 * order: the row to be claimed; its id is unique. claim: the change of an order from *waiting* to *claimed*, won by
 * exactly one caller. strategy: how the claim is decided. effect: what the winner does inside the claim's own
 * transaction. outcome: the ordinary answer of a claim; with it goes `reply`, what to tell the gateway.
 *
 * @packageDocumentation
 */
export { createClaims } from './claims.ts'
export type { Claims, OrderId } from './claims.ts'
export type { Bounds, ClaimsConfig, ColumnNames, ColumnOf, States, StrategyName } from './config.ts'
export type {
  Backoff,
  DrainByBatch,
  DrainByEffect,
  DrainByWork,
  DrainCounts,
  DrainHandler,
  DrainOptions,
  DrainResult,
} from './drain/drain-options.ts'
export { ClaimError, isClaimError, isUnknownClaimError, UnknownClaimError } from './errors.ts'
export type { ClaimErrorCode, ResolveBounds } from './errors.ts'
export type { ClaimEvent, EventHook, Operation, RetryReason } from './events.ts'
export type {
  ClaimOptions,
  Effect,
  EffectContext,
  ExpectedValue,
  IdValue,
  LeaseEffectContext,
  LeaseOptions,
  MoveOptions,
  ResetOptions,
  ResolveOptions,
  SetValue,
  WorkContext,
} from './options.ts'
export type {
  Busy,
  Claimed,
  ClaimedNow,
  ClaimResult,
  Duplicate,
  LeaseDone,
  LeaseRecovered,
  LeaseResult,
  Mismatch,
  MismatchedColumn,
  MoveResult,
  NotFound,
  Recovered,
  ReplyAdvice,
  ResetResult,
  SecondPayment,
  State,
  WrongStatus,
} from './outcome.ts'
export type { Adapter } from './adapters/adapter.ts'
export { createPool } from './pool/create-pool.ts'
export type { ItemPool } from './pool/create-pool.ts'
export type { CandidateQueue } from './pool/candidate-queue.ts'
export type { LowStock, PickStrategy, PoolColumns, PoolConfig, PoolStates, Stock } from './pool/pool-config.ts'
export type { FallbackReason, PoolEvent, PoolEventHook } from './pool/pool-events.ts'
export type {
  ConfirmOptions,
  CountOptions,
  DrawOptions,
  ExpireOptions,
  Owner,
  PoolItem,
  RefillOptions,
  ReleaseOptions,
} from './pool/pool-options.ts'
export type {
  ConfirmResult,
  Contended,
  Drawn,
  DrawnBefore,
  DrawMismatch,
  DrawResult,
  Exhausted,
  PoolCounts,
  ReleaseResult,
  Reservation,
} from './pool/pool-outcome.ts'
