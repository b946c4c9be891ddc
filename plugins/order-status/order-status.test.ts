import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { after, before, test } from 'tap';
import { answerOf, callContext, initContext } from '../../test/support/call-context.ts';
import { ownFolder } from '../../test/support/own-folder.ts';
import { plainNode } from '../../test/support/plain-node.ts';
import plugin from './index.ts';
import { ORDER_STATUSES, openOrderStore } from './order-store.ts';

const { get, list } = plugin.tools;
const folder = fileURLToPath(new URL('.', import.meta.url));
const committed = join(folder, 'orders.db');

before(() => plugin.init?.(initContext()));
after(() => plugin.dispose?.());

test('every order of the file is found under its id, its total the sum of its lines', async (t) => {
  using database = new DatabaseSync(committed, { readOnly: true });
  const rows = database.prepare('SELECT order_id FROM orders').all();
  t.ok(rows.length >= 300);
  const seen = new Set<string>();
  for (const row of rows) {
    const order = await answerOf(get.execute({ order_id: String(row['order_id']) }, callContext()));
    const sum = order.lines.reduce((total, line) => total + line.quantity * line.unit_price_fen, 0);
    t.equal(order.total_fen, sum, order.order_id);
    t.equal('carrier' in order, ['shipped', 'delivered', 'refunded'].includes(order.status), order.order_id);
    t.ok(order.updated_at >= order.placed_at, order.order_id);
    seen.add(order.status);
  }
  t.same([...seen].toSorted(), ORDER_STATUSES.toSorted(), 'every status occurs');
});

test('an unknown order is an error to read, not a throw', async (t) => {
  const answer = await get.execute({ order_id: '199901010000000001' }, callContext());
  t.type(answer, Error);
  t.match(answer, { message: /no order 199901010000000001/ });
});

test('a list holds the newest orders first and tells how many there are', async (t) => {
  const customer_id = '7481230000000010280';
  const all = await answerOf(list.execute({ customer_id, limit: 50 }, callContext()));
  t.equal(all.total_orders, all.orders.length);
  t.ok(all.total_orders > 10, 'enough orders to be cut by the default limit');
  const times = all.orders.map((order) => order.placed_at);
  t.same(times, times.toSorted().toReversed());

  const cut = await list.execute({ customer_id, limit: 2 }, callContext());
  t.same(cut, { ...all, orders: all.orders.slice(0, 2) });
  const byDefault = await list.execute({ customer_id }, callContext());
  t.same(byDefault, { ...all, orders: all.orders.slice(0, 10) });
});

test('a text that would end a statement is only an id nobody has', async (t) => {
  const customer_id = "' OR 1=1; --";
  t.same(await list.execute({ customer_id }, callContext()), { customer_id, total_orders: 0, orders: [] });
});

test('a missing file is a failure, not a new empty database', async (t) => {
  const path = join(ownFolder(t), 'absent.db');
  t.throws(() => openOrderStore(path), /unable to open database file/);
});

test('the script makes the same rows as the committed file', async (t) => {
  const made = join(ownFolder(t), 'made.db');
  await promisify(execFile)(...plainNode(join(folder, 'make-database.ts'), made));
  t.same(dump(made), dump(committed));
});

test('calling a tool after dispose is a fault', async (t) => {
  await plugin.dispose?.();
  t.throws(() => get.execute({ order_id: '199901010000000001' }, callContext()), /after dispose/);
  await plugin.init?.(initContext());
});

function dump(file: string) {
  using database = new DatabaseSync(file, { readOnly: true });
  return ['orders', 'order_lines', 'sqlite_schema'].map((table) =>
    database.prepare(`SELECT * FROM ${table}`).all(),
  );
}
