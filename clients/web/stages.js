// Link, session, player and stage that fit each other, by the transport that is asked for.

import { address } from "./address.js";
import { peerLink, socketLink } from "./links.js";
import { Live } from "./live.js";
import { PeerPlayer } from "./peer_player.js";

/** What the page's address asks for: "websocket" or "webrtc". */
export function wantedTransport() {
  return new URLSearchParams(location.search).get("transport") === "webrtc" ? "webrtc" : "websocket";
}

/** A session over WebRTC, and its sound; `start` as for Live, `session` whom to hear if there is none. */
export function peerSession({ start = null, session = "new", delayMs = 0 }) {
  const player = new PeerPlayer({ delayMs });
  const url = address("/v1/webrtc", { session });
  const live = new Live(peerLink(url, (stream, receiver) => player.hear(stream, receiver)), start);
  live.addEventListener("message", ({ detail }) => player.message(detail));
  return { live, player };
}

/** A session over a WebSocket; its sound is for a Player. */
export function socketSession(path, { start = null, ...query }) {
  return new Live(socketLink(address(path, { socket: true, ...query })), start);
}
