import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { test } from 'tap';
import { adaptGlibc } from '../../src/front/adapt-glibc.ts';

const packageFolder = dirname(createRequire(import.meta.url).resolve('uWebSockets.js'));
const readBinary = (arch: string) => readFile(join(packageFolder, `uws_linux_${arch}_137.node`));

const x86 = 62;

/** An x86-64 shared library of a few hundred bytes that needs `symbols` of libc.so.6 in GLIBC_2.38. */
function library({
  symbols = ['__isoc23_strtol'],
  versions = ['GLIBC_2.2.5', 'GLIBC_2.38'],
  machine = x86,
} = {}) {
  const strings = ['', 'libc.so.6', 'printf', ...symbols, ...versions];
  const names = Buffer.from(`${strings.join('\0')}\0`);
  const place = (name: string) => names.indexOf(`\0${name}\0`) + 1;

  const symbolTable = Buffer.alloc(24 * (2 + symbols.length)); // the null symbol, printf, `symbols`
  const symbolVersions = Buffer.alloc(2 * (2 + symbols.length));
  ['printf', ...symbols].forEach((name, i) => {
    symbolTable.writeUInt32LE(place(name), 24 * (i + 1));
    symbolVersions.writeUInt16LE(name === 'printf' ? 2 : 3, 2 * (i + 1));
  });

  const needs = Buffer.alloc(16 + 16 * versions.length);
  needs.writeUInt16LE(1, 0);
  needs.writeUInt16LE(versions.length, 2);
  needs.writeUInt32LE(place('libc.so.6'), 4);
  needs.writeUInt32LE(16, 8);
  versions.forEach((version, i) => {
    const entry = 16 + 16 * i;
    needs.writeUInt32LE(0xabc0 + i, entry); // stands for the hash of the name
    needs.writeUInt16LE(2 + i, entry + 6);
    needs.writeUInt32LE(place(version), entry + 8);
    needs.writeUInt32LE(i + 1 < versions.length ? 16 : 0, entry + 12);
  });

  const header = Buffer.alloc(64);
  header.write('\x7fELF\x02\x01\x01', 'latin1');
  header.writeUInt16LE(3, 16);
  header.writeUInt16LE(machine, 18);
  header.writeUInt16LE(64, 58);
  const parts: [type: number, link: number, bytes: Buffer][] = [
    [0, 0, Buffer.alloc(0)],
    [3, 0, names],
    [11, 1, symbolTable],
    [0x6fffffff, 2, symbolVersions],
    [0x6ffffffe, 1, needs],
  ];
  let end = header.length;
  const table = parts.map(([type, link, bytes]) => {
    const section = Buffer.alloc(64);
    section.writeUInt32LE(type, 4);
    section.writeBigUInt64LE(BigInt(end), 24);
    section.writeBigUInt64LE(BigInt(bytes.length), 32);
    section.writeUInt32LE(link, 40);
    end += bytes.length;
    return section;
  });
  header.writeBigUInt64LE(BigInt(end), 40);
  header.writeUInt16LE(parts.length, 60);
  return Buffer.concat([header, ...parts.map(([, , bytes]) => bytes), ...table]);
}

/** The reason why the library is refused, or "adapted". */
function outcome(bytes: Buffer): string {
  try {
    adaptGlibc(bytes);
    return 'adapted';
  } catch (error) {
    if (error instanceof RangeError) return 'damaged';
    return error instanceof Error ? error.message : 'no error';
  }
}

test('the names lose their prefix, the version becomes the base version, and nothing else changes', async (t) => {
  const original = library({ symbols: ['__isoc23_strtol', '__isoc23_sscanf'] });
  const untouched = Buffer.from(original);
  const adapted = adaptGlibc(original);
  t.ok(original.equals(untouched), 'the input is left alone');
  t.equal(adapted.length, original.length);
  // Every value that changes here is below 256, so it differs in one byte.
  const differing = [...original.keys()].filter((at) => original[at] !== adapted[at]);
  const [first = 0, second = 0, hash = 0, name = 0, ...others] = differing;
  t.same(others, []);
  t.equal(adapted.readUInt8(first), original.readUInt8(first) + '__isoc23_'.length);
  t.equal(adapted.readUInt8(second), original.readUInt8(second) + '__isoc23_'.length);
  const previousEntry = 16;
  t.equal(adapted.readUInt8(hash), original.readUInt8(hash - previousEntry));
  t.equal(adapted.readUInt8(name), original.readUInt8(name - previousEntry));
});

for (const [arch, symbols] of [
  ['x64', 3],
  ['arm64', 2],
] as const) {
  test(`the ${arch} binary is adapted in its ${symbols} symbols and one version`, async (t) => {
    const original = await readBinary(arch);
    const adapted = adaptGlibc(original);
    t.ok(adaptGlibc(original).equals(adapted), 'the same input gives the same bytes');
    const differing = original.reduce((count, byte, at) => count + Number(byte !== adapted[at]), 0);
    t.ok(differing >= symbols + 2 && differing <= 4 * (symbols + 2), `${differing} bytes differ`);
    t.equal(outcome(adapted), 'it does not need GLIBC_2.38', 'what is adapted already is refused');
  });
}

test('bytes that are no such library are refused with the reason', async (t) => {
  const bitness = library();
  bitness.writeUInt8(1, 4);
  const reasons: [Buffer, string][] = [
    [Buffer.alloc(0), 'damaged'],
    [Buffer.from('MZ and what follows'), 'it is not an ELF file'],
    [bitness, 'it is not a little-endian 64-bit shared library'],
    [library({ machine: 243 }), 'it is for another machine'],
    [library({ versions: ['GLIBC_2.2.5', 'GLIBC_2.36'] }), 'it does not need GLIBC_2.38'],
    [library({ versions: ['GLIBC_2.4', 'GLIBC_2.38'] }), 'it does not need GLIBC_2.2.5'],
    [library({ symbols: ['__isoc23_strtol', 'strlcpy'] }), 'it needs strlcpy of GLIBC_2.38'],
  ];
  for (const [bytes, reason] of reasons) t.equal(outcome(bytes), reason);
});

test('a library cut off at any byte is refused as damaged', async (t) => {
  const whole = library();
  t.equal(outcome(whole), 'adapted');
  const accepted = [...whole.keys()].filter((length) => outcome(whole.subarray(0, length)) !== 'damaged');
  t.same(accepted, []);
});

test('a library with any byte damaged is adapted or refused with a reason, and never hangs', async (t) => {
  const whole = library();
  const outcomes = new Set<string>();
  for (const at of whole.keys()) {
    for (const damage of [0x01, 0x80, 0xff]) {
      const bytes = Buffer.from(whole);
      bytes.writeUInt8(bytes.readUInt8(at) ^ damage, at);
      outcomes.add(outcome(bytes));
    }
  }
  const unknown = [...outcomes].filter((text) => !/^(adapted|damaged|it (is|does|needs) .*)$/s.test(text));
  t.same(unknown, []);
});
