import { type DeepPartial, EntityId, type ID, VendureEntity } from '@vendure/core';
import { Column, Entity, Index } from 'typeorm';

/**
 * Where the report of one order stands. A table of its own, because Vendure saves whole orders: a custom
 * field that one request writes is overwritten by another request that read the order before.
 *
 * @internal
 */
@Entity('orderguard_report')
export class OrderguardReport extends VendureEntity {
  constructor(input?: DeepPartial<OrderguardReport>) {
    super(input);
  }

  @Index({ unique: true })
  @EntityId()
  orderId!: ID;

  /** The channel whose keys are used. */
  @EntityId()
  channelId!: ID;

  /** By which Orderguard knows the order, also when it is deleted here. */
  @Column()
  code!: string;

  /** Something is to be reported. */
  @Index()
  @Column({ default: false })
  isDue!: boolean;

  /** Counts what happened to the order, so that a change during a push is not taken for reported. */
  @Column({ default: 0 })
  changes!: number;

  /** A hash of what Orderguard has; empty when it has nothing. */
  @Column({ default: '' })
  pushed!: string;

  @Column({ type: Date, nullable: true })
  pushedAt!: Date | null;

  /** Orderguard read the order and refuses it. */
  @Column({ default: false })
  isRefused!: boolean;

  /** Why the last push failed; empty after a success. */
  @Column({ type: 'text', nullable: true })
  why!: string | null;

  /** Up to when changes of the order were looked at. */
  @Column({ type: Date, nullable: true })
  seenAt!: Date | null;
}
