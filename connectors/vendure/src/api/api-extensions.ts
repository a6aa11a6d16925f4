import { parse } from 'graphql';

export const shopApiExtensions = parse(`
  "What a shopper may say yes to. Amounts are in the precision of the shop's money."
  type OrderguardTerms {
    amount: Money!
    currencyCode: CurrencyCode!
    "returnCoverage, shippingProtection"
    modes: [String!]!
    "Names these terms; send it back with the shopper's yes."
    token: String!
  }

  "Why a yes is none any more"
  enum OrderguardNotice {
    PRICE_ROSE
    MODES_CHANGED
    CURRENCY_CHANGED
    GONE
  }

  type OrderguardOffer {
    "Null: show no box."
    offer: OrderguardTerms
    "Whether the fee is on the order. The box is ticked when it is."
    accepted: Boolean!
    notice: OrderguardNotice
    "Why there is no offer, for logs"
    reason: String!
    "The offer session"
    sessionId: String
    "The active order, with the fee in its total"
    order: Order
  }

  extend type Query {
    "The offer for the active order as it is now"
    orderguardOffer: OrderguardOffer!
  }

  extend type Mutation {
    "The shopper's click. A yes counts only for the terms that the token names."
    setOrderguardChoice(accepted: Boolean!, token: String): OrderguardOffer!
  }
`);

export const adminApiExtensions = parse(`
  "How reporting to Orderguard goes"
  type OrderguardHealth {
    "Whether this channel has an address and two keys"
    connected: Boolean!
    "How many orders have something to report"
    waiting: Int!
    "How many orders Orderguard refuses"
    refused: Int!
    lastPushedAt: DateTime
    lastFailureAt: DateTime
    lastFailure: String
  }

  extend type Query {
    orderguardHealth: OrderguardHealth!
  }

  extend type Mutation {
    "Push an order again, such as one that was refused; true when it is in the queue"
    orderguardPush(orderId: ID!): Boolean!
  }
`);
