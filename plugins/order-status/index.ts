/**
 * Looks up orders in an SQLite file that ships with the plugin. Shows: a resource that `init` opens once per
 * worker and `dispose` closes; two tools with paths of their own; ids as strings; an error for the model to read, which is
 * returned and not thrown.
 */
import { fileURLToPath } from 'node:url';
import { definePlugin } from 'hotlane/plugin';
import { type OrderStore, openOrderStore } from './order-store.ts';
import { getInput, getOutput, listInput, listOutput } from './schemas.ts';

const DATABASE = fileURLToPath(new URL('orders.db', import.meta.url));

let store: OrderStore | undefined;

function orders(): OrderStore {
  if (store === undefined) throw new Error('order-status was called before init or after dispose');
  return store;
}

export default definePlugin({
  name: 'order-status',
  version: '1.0.0',
  description: 'Tells where an order is and what a customer has ordered.',
  tools: {
    get: {
      summary: 'Get one order by its id: status, articles, price and shipment.',
      http: { method: 'GET', path: '/orders/{order_id}' },
      input: getInput,
      output: getOutput,
      examples: [
        {
          input: { order_id: '202506270000000275' },
          output: {
            order_id: '202506270000000275',
            customer_id: '7481230000000010175',
            status: 'shipped',
            placed_at: '2025-06-27T02:23:05Z',
            updated_at: '2025-06-28T03:31:17Z',
            total_fen: 14400,
            carrier: '京东物流',
            tracking_number: 'HL005905964351',
            lines: [
              { sku: 'CUP-GW-01', title: '盖碗', quantity: 1, unit_price_fen: 5600 },
              { sku: 'TEA-TG-125', title: '铁观音 125 克', quantity: 1, unit_price_fen: 8800 },
            ],
          },
        },
      ],
      execute({ order_id }) {
        const order = orders().find(order_id);
        return order ?? new Error(`There is no order ${order_id}. Ask the customer to check the number.`);
      },
    },
    list: {
      summary: 'List a customer’s orders, the newest first.',
      http: { method: 'GET', path: '/orders' },
      input: listInput,
      output: listOutput,
      examples: [
        {
          input: { customer_id: '7481230000000010119', limit: 1 },
          output: {
            customer_id: '7481230000000010119',
            total_orders: 3,
            orders: [
              {
                order_id: '202506250000000268',
                status: 'delivered',
                placed_at: '2025-06-25T19:44:12Z',
                total_fen: 175700,
              },
            ],
          },
        },
        {
          input: { customer_id: '1' },
          output: { customer_id: '1', total_orders: 0, orders: [] },
        },
      ],
      execute: ({ customer_id, limit = 10 }) => ({
        customer_id,
        total_orders: orders().countOf(customer_id),
        orders: orders().listOf(customer_id, limit),
      }),
    },
  },
  init() {
    store = openOrderStore(DATABASE);
  },
  dispose() {
    store?.close();
    store = undefined;
  },
});
