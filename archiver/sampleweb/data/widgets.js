/* The sample web's stand-in for the widget script: each box that names a tweet becomes a frame that shows it.
   A box whose tweet is gone is emptied, as Twitter's own script did in the spring of 2022. */
(function () {
  "use strict";
  var STATUS = /\/status(?:es)?\/(\d+)/;
  var frames = [];
  function idOf(box) {
    var links = box.querySelectorAll("a[href]");
    for (var n = links.length - 1; n >= 0; n--) {
      var match = STATUS.exec(links[n].getAttribute("href"));
      if (match) return match[1];
    }
    return null;
  }
  function address(id) {
    var token = ((Number(id) / 1e15) * Math.PI).toString(36).replace(/(0+|\.)/g, "");
    return "https://cdn.syndication.twimg.com/tweet-result?id=" + id + "&lang=en&token=" + token;
  }
  function isGone(reply) {
    if (reply.status === 404) return true;
    if (!reply.ok) return false; // too many requests, an overload: nothing is known
    return reply.json().then(function (tweet) { return tweet.__typename !== "Tweet"; });
  }
  function show(box) {
    var id = idOf(box);
    if (!id) return;
    fetch(address(id)).then(isGone).catch(function () { return false; }).then(function (gone) {
      if (gone) box.textContent = "";
      else put(box, id);
    });
  }
  function put(box, id) {
    var frame = document.createElement("iframe");
    frame.src = "https://platform.twitter.com/embed/Tweet.html?dnt=true&id=" + id + "&theme=light";
    frame.dataset.tweetId = id;
    frame.title = "Twitter Tweet";
    frame.style.cssText = "width:100%;max-width:550px;height:520px;border:0;display:block";
    var wrap = document.createElement("div");
    wrap.className = "twitter-tweet twitter-tweet-rendered";
    wrap.appendChild(frame);
    box.replaceWith(wrap);
    frames.push(frame);
  }
  function run() {
    document.querySelectorAll("blockquote.twitter-tweet, blockquote.twitter-video").forEach(show);
  }
  addEventListener("message", function (event) {
    frames.forEach(function (frame) {
      if (frame.contentWindow === event.source && event.data && event.data.height > 0) {
        frame.style.height = Math.min(event.data.height, 4000) + "px";
      }
    });
  });
  if (window.sampleWidgets) return; // the script stands behind every box, and runs once
  window.sampleWidgets = true;
  if (document.readyState === "loading") document.addEventListener("DOMContentLoaded", run);
  else run();
})();
