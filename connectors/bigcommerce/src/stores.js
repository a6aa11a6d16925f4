import { mkdir, readdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

/** The most queued orders of one store; the sweep finds further ones again. */
export const WAITING_AT_MOST = 10_000;

/**
 * One folder per store: `store.json`, and a file for every order that waits to be reported. A file is replaced as a
 * whole, so a process that is killed leaves the old one or the new one. One process per folder.
 */
export class Stores {
  #folder;
  #turns = new Map();
  #counter = 0;

  /** @param {string} folder */
  constructor(folder) {
    this.#folder = join(folder, 'stores');
  }

  /** The hashes of all stores that were ever installed here. */
  async list() {
    return (await entriesOf(this.#folder)).filter((name) => /^[a-z0-9]{1,40}$/.test(name));
  }

  /** @param {string} hash */
  read(hash) {
    return readJson(join(this.#folder, hash, 'store.json'));
  }

  /**
   * Changes a store; changes of one store come one after the other.
   *
   * @param {string} hash
   * @param {(store: any) => any} change from the store, `{}` at first, to the members that change
   */
  change(hash, change) {
    return this.#inTurn(hash, async () => {
      const before = (await this.read(hash)) ?? { hash };
      const after = { ...before, ...change(before) };
      await this.#write(join(this.#folder, hash), 'store.json', after);
      return after;
    });
  }

  /** The queued and the refused orders, the longest waiting first. */
  async waiting(hash) {
    const names = await entriesOf(this.#dueFolder(hash));
    const found = await Promise.all(names.filter(isEntry).map((name) => readJson(join(this.#dueFolder(hash), name))));
    return found.filter(Boolean).sort((one, other) => one.next - other.next || one.order - other.order);
  }

  /**
   * Changes the queue entry of one order: `change` returns the new entry, null to remove it, undefined to
   * leave it.
   *
   * @param {string} hash
   * @param {number} order
   * @param {(entry: any) => any} change
   * @returns {Promise<boolean>} false when too many orders wait already
   */
  note(hash, order, change) {
    return this.#inTurn(hash, async () => {
      const folder = this.#dueFolder(hash);
      const before = await readJson(join(folder, `${order}.json`));
      if (!before && (await entriesOf(folder)).length >= WAITING_AT_MOST) return false;
      const after = change(before);
      if (after === null) await rm(join(folder, `${order}.json`), { force: true });
      else if (after) await this.#write(folder, `${order}.json`, after);
      return true;
    });
  }

  #dueFolder(hash) {
    return join(this.#folder, hash, 'due');
  }

  async #write(folder, name, value) {
    await mkdir(folder, { recursive: true, mode: 0o700 });
    this.#counter += 1;
    const draft = join(folder, `.${name}.${process.pid}.${this.#counter}`);
    await writeFile(draft, JSON.stringify(value), { mode: 0o600 });
    await rename(draft, join(folder, name));
  }

  /** @template T @param {() => Promise<T>} work @returns {Promise<T>} */
  #inTurn(hash, work) {
    const turn = (this.#turns.get(hash) ?? Promise.resolve()).then(work);
    const settled = turn.catch(() => {});
    this.#turns.set(hash, settled);
    settled.then(() => this.#turns.get(hash) === settled && this.#turns.delete(hash));
    return turn;
  }
}

const isEntry = (name) => /^\d+\.json$/.test(name);

async function entriesOf(folder) {
  try {
    return await readdir(folder);
  } catch (error) {
    if (error.code === 'ENOENT') return [];
    throw error;
  }
}

async function readJson(file) {
  try {
    return JSON.parse(await readFile(file, 'utf8'));
  } catch (error) {
    if (error.code === 'ENOENT') return null;
    throw error;
  }
}
