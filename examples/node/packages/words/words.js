/** "hello, ada" */
export const greeting = (name) => `hello, ${name}`;
