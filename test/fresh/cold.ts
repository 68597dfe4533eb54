// `npm run test:fresh`: README's command of the tests. `npm test` has only the demo of test/fresh.
import { suite } from "uvu";
import { testsRun } from "./tests-command.ts";

const test = suite("README's tests where nothing was ever built");

test("the tests build the lab's root file systems with what the set-up brought", () => testsRun());

test.run();
