#!/usr/bin/env node
/**
 * Writes the example's database: `node make-database.ts [file]`, by default `orders.db` beside this script.
 * The rows are invented but always the same, because they come from one seed.
 */
import { rmSync } from 'node:fs';
import { DatabaseSync } from 'node:sqlite';
import { fileURLToPath } from 'node:url';
import type { OrderStatus } from './order-store.ts';

const ORDERS = 320;
const CUSTOMERS = 48;
const FIRST_ORDER = Date.UTC(2025, 0, 2, 1);
/** The moment the data shows: what happens later has not happened yet. */
const AS_OF = Date.UTC(2025, 5, 30, 16);
const HOUR_MS = 3_600_000;

const CARRIERS = ['顺丰速运', '中通快递', '圆通速递', '京东物流'] as const;

/** SKU, title, price in fen. */
const PRODUCTS = [
  ['TEA-LJ-250', '西湖龙井 250 克', 16800],
  ['TEA-PE-357', '普洱熟茶饼 357 克', 12900],
  ['TEA-TG-125', '铁观音 125 克', 8800],
  ['CUP-GW-01', '盖碗', 5600],
  ['CUP-BL-02', '保温杯 500 毫升', 9900],
  ['POT-ZS-01', '紫砂壶', 32800],
  ['BOOK-HLM', '《红楼梦》', 5980],
  ['BOOK-SGY', '《三国演义》', 4980],
  ['CABLE-C-1M', 'USB-C 数据线 1 米', 2990],
  ['CHARGER-65', '65 瓦充电器', 12900],
  ['KEYB-87', '机械键盘 87 键', 39900],
  ['MOUSE-W1', '无线鼠标', 7900],
  ['LAMP-D2', '台灯', 15900],
  ['UMBR-3', '折叠雨伞', 4900],
] as const;

const SCHEMA = `
  CREATE TABLE orders (
    order_id TEXT PRIMARY KEY,
    customer_id TEXT NOT NULL,
    status TEXT NOT NULL,
    placed_at TEXT NOT NULL,
    updated_at TEXT NOT NULL,
    total_fen INTEGER NOT NULL,
    carrier TEXT,
    tracking_number TEXT
  ) STRICT;
  CREATE INDEX orders_of_customer ON orders (customer_id, placed_at DESC, order_id DESC);
  CREATE TABLE order_lines (
    order_id TEXT NOT NULL REFERENCES orders,
    line INTEGER NOT NULL,
    sku TEXT NOT NULL,
    title TEXT NOT NULL,
    quantity INTEGER NOT NULL,
    unit_price_fen INTEGER NOT NULL,
    PRIMARY KEY (order_id, line)
  ) STRICT, WITHOUT ROWID;
`;

const file = process.argv[2] ?? fileURLToPath(new URL('orders.db', import.meta.url));
rmSync(file, { force: true });
const database = new DatabaseSync(file);
database.exec(SCHEMA);
database.exec('BEGIN');
writeOrders(database, randomNumbers(20250630));
database.exec('COMMIT');
database.exec('VACUUM');
database.close();

function writeOrders(db: DatabaseSync, random: () => number): void {
  const insertOrder = db.prepare('INSERT INTO orders VALUES (?, ?, ?, ?, ?, ?, ?, ?)');
  const insertLine = db.prepare('INSERT INTO order_lines VALUES (?, ?, ?, ?, ?, ?)');
  for (let n = 0; n < ORDERS; n++) {
    // Denser towards the end, so that orders in every stage exist at AS_OF.
    const placedAt = AS_OF - Math.floor((1 - (n + random()) / ORDERS) ** 2 * (AS_OF - FIRST_ORDER));
    const orderId = isoTime(placedAt).slice(0, 10).replaceAll('-', '') + String(n + 1).padStart(10, '0');
    const customerId = `74812300000000${String(10_000 + Math.floor(random() * CUSTOMERS) * 7)}`;
    const { status, updatedAt } = progress(placedAt, random);
    const lines = pickLines(random);
    const total = lines.reduce((sum, line) => sum + line.quantity * line.price, 0);
    const carrier = pick(CARRIERS, random);
    const tracking = `HL${String(Math.floor(random() * 1e10)).padStart(12, '0')}`;
    const sent = status === 'shipped' || status === 'delivered' || status === 'refunded';
    insertOrder.run(
      orderId,
      customerId,
      status,
      isoTime(placedAt),
      isoTime(updatedAt),
      total,
      sent ? carrier : null,
      sent ? tracking : null,
    );
    lines.forEach((line, at) =>
      insertLine.run(orderId, at + 1, line.sku, line.title, line.quantity, line.price),
    );
  }
}

/** How far an order has come at AS_OF, and when it took its last step. */
function progress(placedAt: number, random: () => number): { status: OrderStatus; updatedAt: number } {
  const paidAt = placedAt + random() * 2 * HOUR_MS;
  if (paidAt > AS_OF) return { status: 'pending_payment', updatedAt: placedAt };
  if (random() < 0.06) return { status: 'cancelled', updatedAt: paidAt };
  const shippedAt = paidAt + (6 + random() * 30) * HOUR_MS;
  if (shippedAt > AS_OF) return { status: 'paid', updatedAt: paidAt };
  const deliveredAt = shippedAt + (20 + random() * 100) * HOUR_MS;
  if (deliveredAt > AS_OF) return { status: 'shipped', updatedAt: shippedAt };
  const refundedAt = deliveredAt + (24 + random() * 120) * HOUR_MS;
  if (random() < 0.05 && refundedAt < AS_OF) return { status: 'refunded', updatedAt: refundedAt };
  return { status: 'delivered', updatedAt: deliveredAt };
}

/** One to four different products. */
function pickLines(random: () => number) {
  const chosen = new Set(Array.from({ length: 1 + Math.floor(random() * 4) }, () => pick(PRODUCTS, random)));
  return [...chosen].map(([sku, title, price]) => ({
    sku,
    title,
    price,
    quantity: 1 + Math.floor(random() ** 3 * 4),
  }));
}

function pick<Items extends readonly [unknown, ...unknown[]]>(
  items: Items,
  random: () => number,
): Items[number] {
  return items[Math.floor(random() * items.length)] ?? items[0];
}

function isoTime(ms: number): string {
  return `${new Date(ms).toISOString().slice(0, 19)}Z`;
}

/** A linear congruential generator (constants of Numerical Recipes): numbers from 0 up to, not including, 1. */
function randomNumbers(seed: number): () => number {
  let state = seed;
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return state / 2 ** 32;
  };
}
