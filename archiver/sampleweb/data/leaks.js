/* Tries every way that a page has to reach somebody past the browser's ordinary requests. The targets are in the page's query. */
(function () {
  "use strict";
  var query = new URLSearchParams(location.search);
  var tcp = query.getAll("tcp");
  var udp = query.getAll("udp");
  var tried = [];
  function attempt(name, what) {
    try {
      tried.push(name);
      var result = what();
      if (result && result.catch) result.catch(function () {});
    } catch (error) {
      tried.push(name + " refused");
    }
  }
  function over(target) {
    ["http", "https"].forEach(function (scheme) {
      var at = scheme + "://" + target + "/";
      attempt("fetch", function () { return fetch(at + "fetch", { mode: "no-cors" }); });
      attempt("post", function () { return fetch(at + "post", { method: "POST", mode: "no-cors", body: "words" }); });
      attempt("keepalive", function () { return fetch(at + "keepalive", { method: "POST", mode: "no-cors", keepalive: true, body: "words" }); });
      attempt("preflight", function () { return fetch(at + "preflight", { method: "PUT", headers: { "X-Leak": "1" } }); });
      attempt("later", function () { return fetchLater(at + "later", { activateAfter: 0 }); });
      attempt("xhr", function () { var asked = new XMLHttpRequest(); asked.open("GET", at + "xhr"); asked.send(); });
      attempt("beacon", function () { navigator.sendBeacon(at + "beacon", "words"); });
      attempt("events", function () { new EventSource(at + "events"); });
      attempt("image", function () { new Image().src = at + "image"; });
      attempt("popup", function () { window.open(at + "popup", "_blank", "noopener"); });
      attempt("import", function () { return import(at + "import.js"); });
      attempt("font", function () { return new FontFace("late", "url(" + at + "late.woff2)").load(); });
      attempt("worklet", function () { return CSS.paintWorklet.addModule(at + "worklet.js"); });
      attempt("cross worker", function () { new Worker(URL.createObjectURL(new Blob(["importScripts('" + at + "blob.js')"]))); });
    });
    attempt("ws", function () { new WebSocket("ws://" + target + "/ws"); });
    attempt("wss", function () { new WebSocket("wss://" + target + "/wss"); });
    attempt("websocket stream", function () { return new WebSocketStream("ws://" + target + "/wss").opened; });
    attempt("turn over tcp", function () { call("turn:" + target + "?transport=tcp"); });
    attempt("transport", function () { return new WebTransport("https://" + target + "/transport").ready; });
    attempt("prefetch", function () {
      var link = document.createElement("link");
      link.rel = "prefetch";
      link.href = "http://" + target + "/late-prefetch";
      document.head.appendChild(link);
    });
  }
  function call(server) {
    var peer = new RTCPeerConnection({ iceServers: [{ urls: server, username: "a", credential: "b" }], iceCandidatePoolSize: 4 });
    peer.createDataChannel("leak");
    return peer.createOffer().then(function (offer) { return peer.setLocalDescription(offer); });
  }
  function pair(target) {
    /* Two ends of a call, one of which is told that the other is at the target. */
    var host = target.replace(/^\[|\]?:\d+$/g, "");
    var port = /:(\d+)$/.exec(target)[1];
    var peer = new RTCPeerConnection();
    peer.createDataChannel("leak");
    return peer.createOffer().then(function (offer) {
      return peer.setLocalDescription(offer);
    }).then(function () {
      var other = new RTCPeerConnection();
      return other.setRemoteDescription(peer.localDescription).then(function () { return other.createAnswer(); });
    }).then(function (answered) {
      return peer.setRemoteDescription(answered);
    }).then(function () {
      var line = "candidate:1 1 udp 2122260223 " + host + " " + port + " typ host";
      return peer.addIceCandidate({ candidate: line, sdpMid: "0", sdpMLineIndex: 0 });
    });
  }
  tcp.forEach(over);
  udp.forEach(function (target) {
    attempt("stun", function () { return call("stun:" + target); });
    attempt("turn", function () { return call("turn:" + target + "?transport=udp"); });
    attempt("pair", function () { return pair(target); });
    attempt("transport", function () { return new WebTransport("https://" + target + "/transport").ready; });
  });
  attempt("worker", function () { new Worker("/leaks/worker.js" + location.search); });
  attempt("module worker", function () { new Worker("/leaks/worker.js" + location.search + "&module", { type: "module" }); });
  attempt("shared worker", function () { new SharedWorker("/leaks/worker.js" + location.search + "&shared"); });
  attempt("service worker", function () { return navigator.serviceWorker.register("/leaks/service.js" + location.search, { scope: "/" }); });
  document.querySelectorAll(".leak-ping, .leak-file").forEach(function (link) { attempt("click", function () { link.click(); }); });
  document.querySelectorAll(".leak-form").forEach(function (form) { attempt("form", function () { form.submit(); }); });
  ["pagehide", "beforeunload", "visibilitychange"].forEach(function (name) {
    addEventListener(name, function () {
      tcp.forEach(function (target) { attempt(name, function () { navigator.sendBeacon("http://" + target + "/" + name, "words"); }); });
    });
  });
  var told = document.createElement("p");
  told.id = "tried";
  told.textContent = "Tried " + tried.length + " ways: " + Array.from(new Set(tried)).join(", ");
  document.body.appendChild(told);
})();
