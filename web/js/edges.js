// What is drawn beyond a picture's edges, as the API writes it: "left=32,top=16".

export const kEdges = ['left', 'top', 'right', 'bottom'];

/** {left, top, right, bottom} in pixels. */
export function edgesOf(text) {
  const edges = Object.fromEntries(kEdges.map((edge) => [edge, 0]));
  for (const part of String(text || '').split(',')) {
    const [edge, pixels] = part.split('=');
    if (edge in edges) edges[edge] = Math.max(0, Number(pixels) || 0);
  }
  return edges;
}
