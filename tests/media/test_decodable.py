"""Which thumbnails count as damaged."""

from io import BytesIO

import pytest
from PIL import Image

from archiver.media.decodable import is_decodable


@pytest.mark.parametrize(("side", "is_ours"), [(320, True), (321, False)])
def test_a_picture_larger_than_any_thumbnail_is_not_even_decoded(side: int, is_ours: bool) -> None:
    """A bomb of a few KB may have a gigabyte of pixels."""
    file = BytesIO()
    Image.new("L", (side, 2)).save(file, "WEBP")
    assert is_decodable(file.getvalue()) is is_ours
