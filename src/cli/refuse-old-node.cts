// Every Node can read this file, and those that the installed programs begin with: nothing newer may be in them, since
// an old Node answers the first import of an ES module with a syntax error.
const needed = [22, 12] as const;
const [major, minor] = process.versions.node.split('.').map(Number) as [number, number];
if (major < needed[0] || (major === needed[0] && minor < needed[1])) {
  console.error(`barwright needs Node ${needed.join('.')} or newer, this is ${process.versions.node}`);
  process.exit(2);
}
