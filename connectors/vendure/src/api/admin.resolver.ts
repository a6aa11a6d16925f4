import { Args, Mutation, Query, Resolver } from '@nestjs/graphql';
import { Allow, Ctx, type ID, Permission, RequestContext } from '@vendure/core';

import { ReportService } from '../service/report.service';

/** @internal */
@Resolver()
export class AdminResolver {
  constructor(private readonly reports: ReportService) {}

  @Query()
  @Allow(Permission.ReadOrder)
  orderguardHealth(@Ctx() ctx: RequestContext): Promise<object> {
    return this.reports.health(ctx);
  }

  @Mutation()
  @Allow(Permission.UpdateOrder)
  orderguardPush(@Ctx() ctx: RequestContext, @Args() args: { orderId: ID }): Promise<boolean> {
    return this.reports.pushAgain(ctx, args.orderId);
  }
}
