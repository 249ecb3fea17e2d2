// Two ways to a session: a WebSocket, which carries sound and messages, and a peer connection, which carries the
// messages on its data channel and the sound beside it.
//
// A link is a function of {open, text, packet, close}; it gives back {send, close}. `resumes` says whether a session
// can be taken up again over it without losing a packet.

const CONNECT_MS = 15000;
const GONE_MS = 3000; // how long a peer may be out of reach before it is given up

export function socketLink(url) {
  const link = (on) => {
    const socket = new WebSocket(url);
    socket.binaryType = "arraybuffer";
    socket.onopen = on.open;
    socket.onmessage = ({ data }) => (typeof data === "string" ? on.text(data) : on.packet(data));
    socket.onclose = ({ code, reason }) => on.close({ code, reason });
    return { socket, send: (text) => socket.send(text), close: () => socket.close(1000) };
  };
  return Object.assign(link, { resumes: true });
}

/** `url` is that of a WHEP endpoint; `hear(stream)` is called with the sound. */
export function peerLink(url, hear) {
  const link = (on) => {
    const peer = new RTCPeerConnection();
    const channel = peer.createDataChannel("live");
    let place = null;
    let over = false;
    let waiting = setTimeout(() => end({ code: 1006, reason: "no connection" }), CONNECT_MS);
    const end = (why) => {
      if (over) return;
      over = true;
      clearTimeout(waiting);
      peer.close();
      if (place) fetch(place, { method: "DELETE", keepalive: true }).catch(() => {});
      on.close(why);
    };
    peer.addTransceiver("audio", { direction: "recvonly" });
    peer.ontrack = ({ track, receiver }) => hear(new MediaStream([track]), receiver);
    peer.onconnectionstatechange = () => {
      clearTimeout(waiting);
      const state = peer.connectionState;
      if (state === "failed" || state === "closed") end({ code: 1006, reason: state });
      if (state === "disconnected") waiting = setTimeout(() => end({ code: 1006, reason: state }), GONE_MS);
    };
    channel.onopen = on.open;
    channel.onmessage = ({ data }) => on.text(data);
    channel.onclose = () => end({ code: 1000, reason: "" });
    offer(peer, url).then(
      (found) => {
        place = found;
        if (over) fetch(place, { method: "DELETE" }).catch(() => {});
      },
      (why) => end(why.code ? why : { code: 1006, reason: String(why) }),
    );
    addEventListener("pagehide", () => end({ code: 1000, reason: "" }), { once: true });
    return { send: (text) => channel.readyState === "open" && channel.send(text), close: () => end({ code: 1000, reason: "" }) };
  };
  return Object.assign(link, { resumes: false });
}

/** Posts the offer and takes the answer; the server needs no candidates of ours. Gives where the peer lives. */
async function offer(peer, url) {
  await peer.setLocalDescription(await peer.createOffer());
  const answer = await fetch(url, { method: "POST", headers: { "content-type": "application/sdp" }, body: peer.localDescription.sdp });
  if (!answer.ok) {
    const { message = answer.statusText } = await answer.json().catch(() => ({}));
    throw { code: answer.status === 503 ? 1013 : 1008, reason: message };
  }
  await peer.setRemoteDescription({ type: "answer", sdp: await answer.text() });
  return new URL(answer.headers.get("location"), url).href;
}
