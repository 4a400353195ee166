/* The sample web's stand-in for AMP's component of tweets: each becomes a frame that shows the tweet. */
(function () {
  "use strict";
  function run() {
    document.querySelectorAll("amp-twitter[data-tweetid]").forEach(function (element) {
      var id = /(\d+)\/?$/.exec(element.dataset.tweetid);
      if (!id) return;
      var frame = document.createElement("iframe");
      frame.src = "https://platform.twitter.com/embed/Tweet.html?dnt=true&id=" + id[1];
      frame.title = "Twitter Tweet";
      frame.style.cssText = "width:375px;height:472px;border:0;display:block";
      element.style.display = "block";
      element.replaceChildren(frame);
    });
  }
  if (document.readyState === "loading") document.addEventListener("DOMContentLoaded", run);
  else run();
})();
