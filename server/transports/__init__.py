"""Shells around sockets: WebSocket, WebRTC, HTTP."""
