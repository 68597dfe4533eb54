import { SaxesParser } from "saxes";
import { MOST_TESTS } from "./suite.ts";
import { withoutForbidden } from "./xml-characters.ts";

const DEEPEST = 100;

export interface Element {
  readonly name: string;
  readonly attributes: Readonly<Record<string, string>>;
  readonly nodes: readonly (Element | string)[];
}

/** A document's root element, and its comments. */
interface XmlDocument {
  readonly root: Element;
  readonly comments: readonly string[];
}

interface OpenElement extends Element {
  readonly nodes: (OpenElement | string)[];
}

/**
 * An XML text as a tree; null when `accepts` refuses the name of its root, however broken the rest is. Throws Error,
 * with the place where there is one. Entities of the text's own are not known.
 */
export function parseXml(text: string, accepts: (name: string) => boolean): XmlDocument | null {
  const parser = new SaxesParser({});
  const open: OpenElement[] = [];
  const comments: string[] = [];
  let elements = 0;
  let root: OpenElement | null = null;
  const isRefused = () => root !== null && !accepts(root.name);
  parser.on("opentag", ({ name, attributes }) => {
    if (isRefused()) return;
    elements += 1;
    if (elements > MOST_TESTS) throw new Error(`more than ${MOST_TESTS.toLocaleString("en")} elements`);
    const element: OpenElement = { name, attributes, nodes: [] };
    root ??= element;
    open.at(-1)?.nodes.push(element);
    open.push(element);
    if (open.length > DEEPEST) throw new Error(`elements lie in each other more than ${DEEPEST} deep`);
  });
  parser.on("closetag", () => open.pop());
  const addText = (part: string) => {
    if (!isRefused()) open.at(-1)?.nodes.push(part);
  };
  parser.on("text", addText);
  parser.on("cdata", addText);
  parser.on("comment", (comment) => comments.push(comment.trim()));
  parser.on("error", (error) => {
    if (!isRefused()) throw error;
  });
  parser.write(withoutForbidden(text)).close();
  if (root === null) throw new Error("no root element");
  return isRefused() ? null : { root, comments };
}

/** The elements right below one, of these names; without names all. */
export function childrenOf({ nodes }: Element, ...names: readonly string[]): readonly Element[] {
  const elements = nodes.filter((node): node is Element => typeof node !== "string");
  return names.length === 0 ? elements : elements.filter(({ name }) => names.includes(name));
}

/** All text in an element, of the elements in it as well. */
export function textIn({ nodes }: Element): string {
  return nodes.map((node) => (typeof node === "string" ? node : textIn(node))).join("");
}
