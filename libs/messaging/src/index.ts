export { KafkaMessageBus } from './bus/kafka-message-bus.js';
export type { KafkaMessageBusOptions } from './bus/kafka-message-bus.js';
export { KafkaSockets } from './bus/kafka-sockets.js';
export { BusClosedError } from './bus/message-bus.js';
export type {
  IncomingMessage,
  MessageBus,
  OutgoingMessage,
  PartitionLag,
  Position,
  SubscribeOptions,
  Subscription,
  SubscriptionListener,
  TopicPartition,
  TopicSpec,
} from './bus/message-bus.js';
export { decodeEvent, encodeEvent, InvalidMessageError, typeOf } from './cloud-event.js';
export { ConsumerRunner } from './consumer/consumer-runner.js';
export type { MessageProcessor, RunnerOptions } from './consumer/consumer-runner.js';
export { EventProcessor } from './consumer/event-processor.js';
export type { ProcessorOptions } from './consumer/event-processor.js';
export { on, onBatch } from './consumer/event-route.js';
export type { EventHandler, EventRoute } from './consumer/event-route.js';
export { HandlerTimeoutError } from './consumer/failures.js';
export { Discard, Park, RetryLater } from './consumer/outcomes.js';
export type { ParkedError, ParkedEvent, ParkedFailures, ParkedLine, ParkedSelection } from './consumer/parked-event.js';
export { ParkedRetrier } from './consumer/parked-retrier.js';
export type { RetrierOptions } from './consumer/parked-retrier.js';
export { ParkingDesk } from './consumer/parking-desk.js';
export type { Redriven, ReplayOptions } from './consumer/parking-desk.js';
export { ParkingLot } from './consumer/parking-lot.js';
export { silentLogger } from './logger.js';
export type { Logger } from './logger.js';
export { messagingMetrics } from './metrics.js';
export type { MessagingMetrics } from './metrics.js';
export { Messaging } from './nest/messaging.js';
export type { ProjectionDefinition, RemakeDefinition, ServiceMessaging } from './nest/messaging.assembly.js';
export { MESSAGE_BUS, MessagingModule } from './nest/messaging.module.js';
export { ConsumerGroup, OnEvent, OnEventBatch } from './nest/on-event.decorator.js';
export { restoredAggregates, restoredBy } from './nest/restoration.js';
export type { RestorationDefinition } from './nest/restoration.js';
export { MESSAGING_OPTIONS } from './options.js';
export type { MessagingOptions } from './options.js';
export { OutboxRelay } from './outbox/outbox-relay.js';
export type { RelayOptions } from './outbox/outbox-relay.js';
export type { OutboxOwner } from './outbox/aggregate-outbox.js';
export type { Leases } from './outbox/relay-leases.js';
export { Restoration } from './state/in-place.js';
export type { RestorationOptions } from './state/in-place.js';
export { InPlaceRebuilds } from './state/in-place-rebuilds.js';
export type { InPlaceOptions } from './state/in-place-rebuilds.js';
export { ProjectionDesk, UnknownProjectionError } from './state/projection-desk.js';
export { ProjectionMarkers } from './state/projection-markers.js';
export type { ProjectionMarker } from './state/projection-markers.js';
export { ProjectionMember } from './state/projection-member.js';
export type { ProjectionMemberOptions } from './state/projection-member.js';
export type { ProjectedCollection, Projection } from './state/projection.js';
export { rebuild } from './state/rebuild.js';
export type { RebuildOptions } from './state/rebuild.js';
export { remakePages } from './state/remake.js';
export type { InPlaceRebuild, InPlaceRun, Remake } from './state/remake.js';
export type { ReadingProgress } from './state/state-reader.js';
export { StateCopier, stateGroupOf } from './state/state-copier.js';
export { topicSpecsOf } from './state/state-topics.js';
export { tail } from './tail.js';
export type { Tail, TailOptions } from './tail.js';
