/**
 * Makes a shared library that was built against glibc 2.38 load on an older glibc.
 *
 * Compilers on newer systems replace sscanf, strtol and strtoul by their C23 twins (`__isoc23_…`), which
 * glibc has had since 2.38 and which differ only in reading the prefix `0b`. A library that needs 2.38 for
 * these names and for nothing else works with the older functions. Two tables of the ELF file say so to the
 * dynamic loader, and two small changes in them are enough:
 *
 *     .dynsym         symbol → name in .dynstr      name moves past its `__isoc23_` prefix
 *     .gnu.version    symbol → version index        unchanged: the three symbols keep their index
 *     .gnu.version_r  version index → version       the entry of GLIBC_2.38 becomes the machine's base version
 *
 * Formats: System V ABI (ELF-64) and the Linux Standard Base's chapter on symbol versioning.
 */

const tooNew = 'GLIBC_2.38';
const prefix = '__isoc23_';
const twins = new Set(['sscanf', 'strtol', 'strtoul'].map((name) => prefix + name));

/** The oldest glibc version of a machine (ELF e_machine); every glibc there still provides it. */
const baseVersion = new Map([
  [62, 'GLIBC_2.2.5'], // x86-64
  [183, 'GLIBC_2.17'], // AArch64
]);

const sectionType = { dynsym: 11, verneed: 0x6ffffffe, versym: 0x6fffffff };
const symbolSize = 24;

interface Section {
  type: number;
  link: number;
  start: number;
  end: number;
}

/**
 * An adapted copy of `library`; the same input gives the same bytes.
 *
 * @throws RangeError when the file is cut off or damaged, Error with the reason when it is no such library, is
 * adapted already, or needs glibc 2.38 for anything else.
 */
export function adaptGlibc(library: Buffer): Buffer {
  const elf = Buffer.from(library);
  const base = baseVersion.get(machineOf(elf));
  if (base === undefined) throw new Error('it is for another machine');
  const sections = sectionsOf(elf);
  const symbols = only(sections, sectionType.dynsym);
  const names = sections[symbols.link];
  if (names === undefined) throw new RangeError('the symbol table has no names');

  const needs = libcVersions(elf, only(sections, sectionType.verneed), names);
  const old = needs.get(base);
  const target = needs.get(tooNew);
  if (target === undefined) throw new Error(`it does not need ${tooNew}`);
  if (old === undefined) throw new Error(`it does not need ${base}`);

  const versions = only(sections, sectionType.versym);
  for (let i = 0; symbols.start + i * symbolSize < symbols.end; i++) {
    const version = elf.readUInt16LE(within(versions, versions.start + i * 2, 2)) & 0x7fff;
    if (version !== target.index) continue;
    const symbol = within(symbols, symbols.start + i * symbolSize, symbolSize);
    const at = elf.readUInt32LE(symbol);
    const name = stringAt(elf, names, at);
    if (!twins.has(name)) throw new Error(`it needs ${name} of ${tooNew}`);
    elf.writeUInt32LE(at + prefix.length, symbol);
  }
  // vernaux: hash of the version's name, flags, index, the name's place in .dynstr.
  elf.copyWithin(target.entry, old.entry, old.entry + 4);
  elf.copyWithin(target.entry + 8, old.entry + 8, old.entry + 12);
  return elf;
}

/** e_machine of a little-endian 64-bit ELF shared object. */
function machineOf(elf: Buffer): number {
  const sharedObject = 3;
  if (elf.readUInt32BE(0) !== 0x7f454c46) throw new Error('it is not an ELF file');
  if (elf.readUInt16BE(4) !== 0x0201 || elf.readUInt16LE(16) !== sharedObject) {
    throw new Error('it is not a little-endian 64-bit shared library');
  }
  return elf.readUInt16LE(18);
}

function sectionsOf(elf: Buffer): Section[] {
  const table = Number(elf.readBigUInt64LE(40));
  const size = elf.readUInt16LE(58);
  const count = elf.readUInt16LE(60);
  if (size < 64 || table + count * size > elf.length) throw new RangeError('the section headers are cut off');
  return Array.from({ length: count }, (_, i) => {
    const header = table + i * size;
    const start = Number(elf.readBigUInt64LE(header + 24));
    return {
      type: elf.readUInt32LE(header + 4),
      link: elf.readUInt32LE(header + 40),
      start,
      end: start + Number(elf.readBigUInt64LE(header + 32)),
    };
  });
}

function only(sections: Section[], type: number): Section {
  const [found, ...others] = sections.filter((section) => section.type === type);
  if (found === undefined || others.length > 0) throw new RangeError(`one section of type ${type} expected`);
  return found;
}

/** The versions needed of libc.so.6: name → index used in .gnu.version and place of the vernaux entry. */
function libcVersions(elf: Buffer, needs: Section, names: Section) {
  const found = new Map<string, { index: number; entry: number }>();
  let file = needs.start;
  let step: number;
  do {
    within(needs, file, 16);
    if (stringAt(elf, names, elf.readUInt32LE(file + 4)) === 'libc.so.6') {
      let entry = file + elf.readUInt32LE(file + 8);
      for (let left = elf.readUInt16LE(file + 2); left > 0; left--) {
        within(needs, entry, 16);
        const version = stringAt(elf, names, elf.readUInt32LE(entry + 8));
        found.set(version, { index: elf.readUInt16LE(entry + 6), entry });
        entry += elf.readUInt32LE(entry + 12);
      }
    }
    step = elf.readUInt32LE(file + 12);
    file += step;
  } while (step > 0);
  return found;
}

function stringAt(elf: Buffer, names: Section, offset: number): string {
  const start = within(names, names.start + offset, 1);
  const end = elf.indexOf(0, start);
  within(names, end, 1);
  return elf.toString('latin1', start, end);
}

/** `at`, when `length` bytes from there lie inside the section. */
function within(section: Section, at: number, length: number): number {
  if (at < section.start || at + length > section.end) throw new RangeError('a table points outside itself');
  return at;
}
