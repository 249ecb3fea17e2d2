// Addresses of this server.

/** Address of a door of this server; the key in the page's own address goes along. */
export function address(path, { socket = false, ...query } = {}) {
  const url = new URL(path, location.href);
  if (socket) url.protocol = url.protocol === "https:" ? "wss:" : "ws:";
  const key = new URLSearchParams(location.search).get("api_key");
  const all = { ...query, ...(key && { api_key: key }) };
  for (const [name, value] of Object.entries(all)) url.searchParams.set(name, value);
  return url.href;
}
