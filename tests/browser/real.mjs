export async function serveEasel() { throw new Error('not yet'); }
