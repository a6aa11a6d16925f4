import { Migration } from '@medusajs/framework/mikro-orm/migrations';

const TIMES =
  '"created_at" timestamptz not null default now(), "updated_at" timestamptz not null default now(), "deleted_at" timestamptz null';

export class Migration20261201000000 extends Migration {
  async up() {
    this.addSql(
      'create table if not exists "orderguard_cart" ("id" text not null, "asked" text not null, "asked_at" text not null, ' +
        `"answer" jsonb null, "choice" jsonb null, "fee" jsonb null, ${TIMES}, ` +
        'constraint "orderguard_cart_pkey" primary key ("id"));',
    );
    this.addSql(
      'create table if not exists "orderguard_report" ("id" text not null, "name" text not null, "session" text null, ' +
        '"is_due" boolean not null default false, "changes" integer not null default 0, "pushed" text not null default \'\', ' +
        '"pushed_at" timestamptz null, "is_refused" boolean not null default false, "why" text null, ' +
        `"seen_at" timestamptz null, ${TIMES}, constraint "orderguard_report_pkey" primary key ("id"));`,
    );
    this.addSql('create index if not exists "IDX_orderguard_report_due" on "orderguard_report" ("is_due");');
    this.addSql(
      `create table if not exists "orderguard_mark" ("id" text not null, "until" timestamptz not null, ${TIMES}, ` +
        'constraint "orderguard_mark_pkey" primary key ("id"));',
    );
  }

  async down() {
    for (const table of ['orderguard_cart', 'orderguard_report', 'orderguard_mark']) {
      this.addSql(`drop table if exists "${table}" cascade;`);
    }
  }
}
