/* The same from within a worker: dedicated, shared, or a service worker. The targets are in the script's own query. */
(function () {
  "use strict";
  var query = new URLSearchParams(self.location.search);
  function attempt(what) {
    try {
      var result = what();
      if (result && result.catch) result.catch(function () {});
    } catch (error) { /* one way less */ }
  }
  query.getAll("tcp").forEach(function (target) {
    ["http", "https"].forEach(function (scheme) {
      var at = scheme + "://" + target + "/worker-";
      attempt(function () { return fetch(at + "fetch", { mode: "no-cors" }); });
      attempt(function () { return fetch(at + "post", { method: "POST", mode: "no-cors", body: "words" }); });
      attempt(function () { importScripts(at + "import.js"); });
      attempt(function () { return import(at + "module.js"); });
      attempt(function () { var asked = new XMLHttpRequest(); asked.open("GET", at + "xhr"); asked.send(); });
      attempt(function () { new EventSource(at + "events"); });
      attempt(function () { new Worker(at + "worker.js"); });
    });
    attempt(function () { new WebSocket("ws://" + target + "/worker-ws"); });
    attempt(function () { new WebSocket("wss://" + target + "/worker-wss"); });
    attempt(function () { return new WebTransport("https://" + target + "/worker-transport").ready; });
  });
  query.getAll("udp").forEach(function (target) {
    attempt(function () { return new WebTransport("https://" + target + "/worker-transport").ready; });
  });
  self.addEventListener("install", function () { self.skipWaiting(); });
  self.addEventListener("fetch", function (event) { event.respondWith(fetch(event.request)); });
})();
