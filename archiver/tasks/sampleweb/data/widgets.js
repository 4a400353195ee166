/* The sample web's stand-in for the widget script: each box that names a tweet becomes a frame that shows it. */
(function () {
  "use strict";
  var STATUS = /\/status(?:es)?\/(\d+)/;
  function idOf(box) {
    var links = box.querySelectorAll("a[href]");
    for (var n = links.length - 1; n >= 0; n--) {
      var match = STATUS.exec(links[n].getAttribute("href"));
      if (match) return match[1];
    }
    return null;
  }
  function show(box) {
    var id = idOf(box);
    if (!id) return;
    var frame = document.createElement("iframe");
    frame.src = "https://platform.twitter.com/embed/Tweet.html?dnt=true&id=" + id + "&theme=light";
    frame.dataset.tweetId = id;
    frame.title = "Twitter Tweet";
    frame.style.cssText = "width:550px;height:520px;border:0;display:block";
    var wrap = document.createElement("div");
    wrap.className = "twitter-tweet twitter-tweet-rendered";
    wrap.appendChild(frame);
    box.replaceWith(wrap);
  }
  function run() {
    document.querySelectorAll("blockquote.twitter-tweet, blockquote.twitter-video").forEach(show);
  }
  if (document.readyState === "loading") document.addEventListener("DOMContentLoaded", run);
  else run();
})();
