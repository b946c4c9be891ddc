/**
 * The orders, read from the SQLite file. All calls are synchronous: a lookup by key is over in
 * microseconds, sooner than any way around waiting for it.
 */
import { DatabaseSync, type SQLOutputValue } from 'node:sqlite';

export const ORDER_STATUSES = [
  'pending_payment',
  'paid',
  'shipped',
  'delivered',
  'cancelled',
  'refunded',
] as const;

export type OrderStatus = (typeof ORDER_STATUSES)[number];

export interface OrderSummary {
  /** 18 digits, more than a JavaScript number keeps: always a string. */
  readonly order_id: string;
  readonly status: OrderStatus;
  /** ISO 8601, UTC. */
  readonly placed_at: string;
  /** In fen, a hundredth of a yuan. */
  readonly total_fen: number;
}

export interface Order extends OrderSummary {
  readonly customer_id: string;
  readonly updated_at: string;
  /** Present once the parcel is on its way. */
  readonly carrier?: string;
  readonly tracking_number?: string;
  readonly lines: OrderLine[];
}

export interface OrderLine {
  readonly sku: string;
  readonly title: string;
  readonly quantity: number;
  readonly unit_price_fen: number;
}

export interface OrderStore {
  find(orderId: string): Order | undefined;
  /** The newest first, at most `limit`. */
  listOf(customerId: string, limit: number): OrderSummary[];
  countOf(customerId: string): number;
  close(): void;
}

/** Opens the file read-only; throws when it is missing or lacks the tables. */
export function openOrderStore(file: string): OrderStore {
  const database = new DatabaseSync(file, { readOnly: true });
  const order = database.prepare('SELECT * FROM orders WHERE order_id = ?');
  const lines = database.prepare(
    'SELECT sku, title, quantity, unit_price_fen FROM order_lines WHERE order_id = ? ORDER BY line',
  );
  const newest = database.prepare(
    `SELECT order_id, status, placed_at, total_fen FROM orders
     WHERE customer_id = ? ORDER BY placed_at DESC, order_id DESC LIMIT ?`,
  );
  const count = database.prepare('SELECT count(*) AS orders FROM orders WHERE customer_id = ?');
  return {
    find(orderId) {
      const row = order.get(orderId);
      if (row === undefined) return undefined;
      return {
        ...readSummary(row),
        customer_id: text(row, 'customer_id'),
        updated_at: text(row, 'updated_at'),
        ...(row['carrier'] === null
          ? {}
          : { carrier: text(row, 'carrier'), tracking_number: text(row, 'tracking_number') }),
        lines: lines.all(orderId).map((line) => ({
          sku: text(line, 'sku'),
          title: text(line, 'title'),
          quantity: integer(line, 'quantity'),
          unit_price_fen: integer(line, 'unit_price_fen'),
        })),
      };
    },
    listOf: (customerId, limit) => newest.all(customerId, limit).map(readSummary),
    countOf: (customerId) => integer(count.get(customerId) ?? {}, 'orders'),
    close: () => database.close(),
  };
}

type Row = Readonly<Record<string, SQLOutputValue>>;

function readSummary(row: Row): OrderSummary {
  const status = ORDER_STATUSES.find((known) => known === row['status']);
  if (status === undefined) throw new TypeError('orders.status holds an unknown status');
  return {
    order_id: text(row, 'order_id'),
    status,
    placed_at: text(row, 'placed_at'),
    total_fen: integer(row, 'total_fen'),
  };
}

function text(row: Row, column: string): string {
  const value = row[column];
  if (typeof value !== 'string') throw new TypeError(`column ${column} does not hold text`);
  return value;
}

function integer(row: Row, column: string): number {
  const value = row[column];
  if (typeof value !== 'number') throw new TypeError(`column ${column} does not hold an integer`);
  return value;
}
