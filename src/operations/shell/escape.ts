/** The typed bytes that go to the guest, and whether `~.` at the start of a line asked to leave. */
interface Typed {
  readonly forward: Buffer;
  readonly leave: boolean;
}

const TILDE = 0x7e;
const DOT = 0x2e;
const LINE_ENDS = [0x0a, 0x0d];

/** The way out of a terminal whose guest or network does not answer, as in ssh: Enter, `~`, `.`; `~~` is one tilde. */
export class TerminalEscape {
  #atStart = true;
  #tilde = false;

  take(data: Buffer): Typed {
    const forward: number[] = [];
    for (const byte of data) {
      if (this.#tilde && byte === DOT) return { forward: Buffer.from(forward), leave: true };
      if (!this.#tilde && this.#atStart && byte === TILDE) {
        this.#tilde = true;
        continue;
      }
      if (this.#tilde && byte !== TILDE) forward.push(TILDE);
      forward.push(byte);
      this.#tilde = false;
      this.#atStart = LINE_ENDS.includes(byte);
    }
    return { forward: Buffer.from(forward), leave: false };
  }
}
