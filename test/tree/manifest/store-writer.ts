// What store.test.ts starts several times at once: store-writer.ts DIRECTORY puts and prunes manifests in a memory.
import { toPath } from "../../../src/core/byte-path.ts";
import { contentHashOf } from "../../../src/system/blake3.ts";
import { encodeManifest } from "../../../src/tree/manifest/manifest.ts";
import { pruneManifests, putManifest } from "../../../src/tree/manifest/store.ts";

const memory = { directory: process.argv[2] ?? "" };
const digest = "0".repeat(64);
for (let i = 0; i < 60; i += 1) {
  const manifest = encodeManifest([{ path: toPath(`f${i % 7}`), type: "file", size: 1, digest }]);
  putManifest(memory, contentHashOf(manifest), manifest, new Date());
  pruneManifests(memory, new Date(), 3);
}
