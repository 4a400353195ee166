"""The generated site on disk: made once, then mapped into the server's memory."""

import hashlib
import json
import mmap
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path

from bench.pages import page
from bench.site import PAGES, picture

MAKERS: dict[str, Callable[[int], bytes]] = {"pages": page, "pictures": picture}


def ensure_built(cache_dir: Path) -> None:
    """Pages and pictures into two files each: the bytes one after another, and their sizes. Takes some seconds, once."""
    here = Path(__file__).parent
    sources = [here / name for name in ("blobs.py", "pages.py", "site.py", "words.py", "words.txt")]
    recipe = hashlib.sha256(b"".join(source.read_bytes() for source in sources)).hexdigest()
    stamp = cache_dir / "recipe"
    if stamp.exists() and stamp.read_text() == recipe:
        return
    cache_dir.mkdir(parents=True, exist_ok=True)
    stamp.unlink(missing_ok=True)
    with ProcessPoolExecutor() as pool:
        for name, make in MAKERS.items():
            with (cache_dir / f"{name}.bin").open("wb") as out:
                sizes = [out.write(body) for body in pool.map(make, range(PAGES), chunksize=50)]
            (cache_dir / f"{name}.json").write_text(json.dumps(sizes))
    stamp.write_text(recipe)


def bodies(cache_dir: Path, name: str) -> list[memoryview]:
    """The bodies in `<name>.bin`, as views into the mapped file."""
    with (cache_dir / f"{name}.bin").open("rb") as file:
        whole = memoryview(mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ))
    views, start = [], 0
    for size in json.loads((cache_dir / f"{name}.json").read_text()):
        views.append(whole[start : start + size])
        start += size
    return views
