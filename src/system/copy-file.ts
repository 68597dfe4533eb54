import {
  closeSync,
  copyFileSync,
  cpSync,
  fchmodSync,
  fstatSync,
  ftruncateSync,
  lstatSync,
  openSync,
  readSync,
} from "node:fs";
import { writeWithHoles } from "./holes.ts";

const CHUNK = 1 << 20;

/** Copies a regular file with its mode, over what is there; holes stay holes, which Node's own copy fills with zeros. */
export function copyFile(from: string | Buffer, to: string | Buffer): void {
  if (takesLessRoom(from)) copyHoles(from, to);
  else copyFileSync(from, to);
}

/** Copies a directory with all that is in it; symlinks as they are. */
export function copyDirectory(from: string, to: string): void {
  const filter = (source: string, target: string) => {
    if (!takesLessRoom(source)) return true;
    copyHoles(source, target);
    return false;
  };
  cpSync(from, to, { recursive: true, verbatimSymlinks: true, filter });
}

/** Whether it is a file that takes less room than its length: it has holes, or the disk compresses. */
function takesLessRoom(path: string | Buffer): boolean {
  const stats = lstatSync(path);
  return stats.isFile() && stats.blocks * 512 < stats.size;
}

function copyHoles(from: string | Buffer, to: string | Buffer): void {
  const source = openSync(from, "r");
  try {
    const { mode } = fstatSync(source);
    const target = openSync(to, "w", mode);
    try {
      fchmodSync(target, mode & 0o777);
      ftruncateSync(target, copyContent(source, target));
    } finally {
      closeSync(target);
    }
  } finally {
    closeSync(source);
  }
}

/** Returns the number of bytes. */
function copyContent(source: number, target: number): number {
  const buffer = Buffer.allocUnsafe(CHUNK);
  let place = 0;
  for (let count = -1; count !== 0; place += count) {
    count = readSync(source, buffer, 0, CHUNK, place);
    writeWithHoles(target, buffer.subarray(0, count), place);
  }
  return place;
}
