// `npm run test:fresh`: what `npm test` leaves out of test/fresh.
import { suite } from "uvu";
import { testsRun } from "./tests-command.ts";

const test = suite("README's tests where nothing was ever built");

test("the tests build the lab's root file systems with what the set-up brought", () =>
  testsRun({ labRoots: "none" }));

test.run();
