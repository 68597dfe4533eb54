// What client-memory.test.ts starts several times at once: key-opener.ts HOME prints the account's key.
import { openKey } from "../../src/system/client-key.ts";

process.stdout.write(openKey({ HOME: process.argv[2] ?? "" }).key.toString("hex"));
