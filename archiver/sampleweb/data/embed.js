/* The sample web's stand-in for $network's script: each of its boxes becomes a frame with the network's own page. */
(function () {
  "use strict";
  var frames = [];
  function show(box) {
    var frame = box;
    if (box.tagName !== "IFRAME") {
      frame = document.createElement("iframe");
      frame.src = $source;
      frame.title = "$network";
      frame.style.cssText = "width:100%;max-width:550px;height:480px;border:0;display:block";
      box.replaceWith(frame);
    } else {
      ask(frame); // it may have told its height before anybody listened
      frame.addEventListener("load", function () { ask(frame); });
    }
    frames.push(frame);
  }
  function ask(frame) {
    frame.contentWindow.postMessage("height?", "*");
  }
  function run() {
    document.querySelectorAll("$boxes").forEach(show);
  }
  addEventListener("message", function (event) {
    frames.forEach(function (frame) {
      if (frame.contentWindow === event.source && event.data && event.data.height > 0) {
        frame.style.height = Math.min(event.data.height, 4000) + "px";
      }
    });
  });
  if (document.readyState === "loading") document.addEventListener("DOMContentLoaded", run);
  else run();
})();
