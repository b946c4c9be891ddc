/** What the tools take and give; `as const` lets TypeScript derive the types of `execute` from them. */
import { ORDER_STATUSES } from './order-store.ts';

const orderId = { type: 'string', pattern: '^[0-9]{18}$', description: 'Order id, 18 digits.' } as const;
const customerId = { type: 'string', pattern: '^[0-9]{1,20}$', description: 'Customer id, digits.' } as const;
const status = { type: 'string', enum: ORDER_STATUSES, description: 'How far the order has come.' } as const;
const placedAt = { type: 'string', description: 'When it was placed, ISO 8601 in UTC.' } as const;
const totalFen = { type: 'integer', minimum: 0, description: 'Total price in fen (0.01 yuan).' } as const;

export const getInput = {
  type: 'object',
  description: 'Which order to look up.',
  properties: { order_id: orderId },
  required: ['order_id'],
  additionalProperties: false,
} as const;

export const getOutput = {
  type: 'object',
  description: 'The order.',
  properties: {
    order_id: orderId,
    customer_id: customerId,
    status,
    placed_at: placedAt,
    updated_at: { type: 'string', description: 'When the status last changed, ISO 8601 in UTC.' },
    total_fen: totalFen,
    carrier: { type: 'string', description: 'Who carries the parcel; absent before it is sent.' },
    tracking_number: { type: 'string', description: 'The carrier’s number; absent before it is sent.' },
    lines: {
      type: 'array',
      minItems: 1,
      description: 'What was ordered.',
      items: {
        type: 'object',
        properties: {
          sku: { type: 'string', description: 'Article number.' },
          title: { type: 'string', description: 'Name of the article.' },
          quantity: { type: 'integer', minimum: 1, description: 'How many.' },
          unit_price_fen: { type: 'integer', minimum: 0, description: 'Price of one in fen.' },
        },
        required: ['sku', 'title', 'quantity', 'unit_price_fen'],
        additionalProperties: false,
      },
    },
  },
  required: ['order_id', 'customer_id', 'status', 'placed_at', 'updated_at', 'total_fen', 'lines'],
  additionalProperties: false,
} as const;

export const listInput = {
  type: 'object',
  description: 'Whose orders to list.',
  properties: {
    customer_id: customerId,
    limit: {
      type: 'integer',
      minimum: 1,
      maximum: 50,
      default: 10,
      description: 'How many orders to return at most.',
    },
  },
  required: ['customer_id'],
  additionalProperties: false,
} as const;

export const listOutput = {
  type: 'object',
  description: 'The customer’s newest orders.',
  properties: {
    customer_id: customerId,
    total_orders: {
      type: 'integer',
      minimum: 0,
      description: 'How many orders the customer has; more than listed when the limit cut the list.',
    },
    orders: {
      type: 'array',
      maxItems: 50,
      description: 'The newest first.',
      items: {
        type: 'object',
        properties: { order_id: orderId, status, placed_at: placedAt, total_fen: totalFen },
        required: ['order_id', 'status', 'placed_at', 'total_fen'],
        additionalProperties: false,
      },
    },
  },
  required: ['customer_id', 'total_orders', 'orders'],
  additionalProperties: false,
} as const;
