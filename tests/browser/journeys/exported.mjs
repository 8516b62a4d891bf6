export const exported = [];
