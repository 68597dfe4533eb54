import { OutputFile } from "../system/output-file.ts";

/** Writes the file of `--out`. UsageError, InfraError. */
export function writeOut(file: string, text: string): void {
  const output = new OutputFile(file, "--out");
  output.write(text);
  const failure = output.close();
  if (failure !== null) throw failure;
}
