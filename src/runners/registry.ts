import type { MachineShape } from "../model.ts";
import type { Backend } from "./backend.ts";
import { sandbox } from "./sandbox.ts";

/** The backend that a machine shape asks for. */
export function backendOf({ backend }: MachineShape): Backend {
  switch (backend) {
    case "sandbox":
      return sandbox;
  }
}
