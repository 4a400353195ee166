from archiver import Archive, extract_html

with Archive.open("archive") as archive:
    post = archive.find("pic.twitter.com/uOWxLTTvGP")[0]
    print(post.author, post.posted_at, post.text)
    picture = archive.content(post.media[0])  # its bytes, out of the WARC file, with the digest checked
    print(len(picture), post.media[0].mime)

html = '<blockquote class="twitter-tweet"><a href="https://twitter.com/a/status/1568656084437740674">x</a></blockquote>'
print(extract_html(html, url="https://blog.example/post/").embeds[0].post_id)
#> AnonymousUK2022 2022-09-10T… Russian troops left so quickly that they forgot their tanks…
#> 142590 image/jpeg
#> 1568656084437740674
from archiver import UsageError

try:
    Archive.open("nowhere")
except UsageError as error:
    print(error)
#> there is no archive in nowhere: begin one with `archiver crawl URL --archive nowhere`

archive = Archive.open("archive")
from pathlib import Path
from archiver import ArchivedPage, ArchivedPost

for result in archive.find("https://kharkiv-notebook.example/2022/09/11/kharkiv-counteroffensive-september/"):
    print(type(result).__name__, result.url)
#> ArchivedPage https://kharkiv-notebook.example/2022/09/11/kharkiv-counteroffensive-september/
#> ArchivedPost https://twitter.com/i/status/1568656084437740674
#> …

print(len(archive.find("photo.jpg")), archive.find("@nobody").results)
#> 0 ()

Path("photo.jpg").write_bytes(picture)
print([result.url for result in archive.find_file("photo.jpg")])
#> ['https://twitter.com/i/status/1568656084437740674']
for found in archive.search('tanks "parked as if for a sale"', platform="twitter", since="2022-09-01", until="2022-09-30"):
    print(found.result.post_id, found.snippet)
#> 1568656084437740674 … troops left so quickly that they forgot their tanks…
from datetime import datetime

assert isinstance(post, ArchivedPost)
answers = [statement for statement in post.statements if statement.source == "syndication"]
print([(statement.state, statement.capture.status) for statement in (answers[0], answers[-1])])
#> [('live', 200), ('gone', 404)]
print(datetime.fromisoformat(post.captures[0].captured_at).tzinfo)
#> UTC
print(sorted(post.to_json())[:5])
#> ['author', 'author_name', 'captures', 'media', 'pages']
from collections import Counter

print(Counter(post.platform for post in archive.posts(since="2022-09-01", until="2022-09-30")))
#> Counter({'twitter': …})
print([post.post_id for post in archive.posts(author="@anonymousuk2022")])
#> ['1568656084437740674'…]
print(sum(1 for page in archive.pages(url_prefix="https://kharkiv-notebook.example/2022/09/")))
#> …
print({embed.kind for embed in archive.embeds(platform="twitter", site="kharkiv-notebook.example")})
#> {…'blockquote'…}
capture = next(capture for capture in post.captures if capture.mime == "text/html")
response = archive.read(capture)
print(response.status, response.content_type, response.digest == capture.digest)
#> 200 text/html True
print(response.text.split("<title>")[1].split("</title>")[0])
#> …
print(response.block.split(b"\r\n")[0], response.record[:2])
#> b'HTTP/1.1 200 OK' b'\x1f\x8b'

print([path.name for path in archive.save(post, "found")][0])
#> media-1-8980e50be14c.jpg
[row] = archive.db["posts"].rows_where("post_id = ?", ["1568656084437740674"])
print(row["author"], row["posted_at"][:10])
#> AnonymousUK2022 2022-09-10
for row in archive.db.query("SELECT platform, count(*) AS posts FROM posts GROUP BY platform ORDER BY posts DESC LIMIT 1"):
    print(row)
#> {'platform': 'twitter', 'posts': …}

archive.close()
page = extract_html(
    """<title>A post</title>
    <blockquote class="twitter-tweet"><p>They forgot their tanks pic.twitter.com/uOWxLTTvGP</p>
    <a href="https://twitter.com/AnonymousUK2022/status/1568656084437740674">September 10, 2022</a></blockquote>
    <iframe src="https://www.youtube.com/embed/dQw4w9WgXcQ"></iframe>""",
    url="https://blog.example/post/",
)
for embed in page.embeds:
    print(embed.position, embed.platform, embed.kind, embed.post_id, embed.posted_at, embed.short_links)
#> 1 twitter blockquote 1568656084437740674 2022-09-10 ('pic.twitter.com/uOWxLTTvGP',)
#> 2 youtube iframe dQw4w9WgXcQ None ()
