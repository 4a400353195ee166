"""ARC files, the predecessors of WARC, made by hand."""

VERSION = b"1 0 InternetArchive\nURL IP-address Archive-date Content-type Archive-length\n"
ARC_HEAD = b"filedesc://old.arc 0.0.0.0 20050101000000 text/plain %d\n%s\n" % (len(VERSION), VERSION)
ARC_BLOCK = b"HTTP/1.0 200 OK\r\nContent-Type: text/html\r\n\r\n<title>%d</title>"


def arc_record(number: int) -> bytes:
    block = ARC_BLOCK % number
    return b"http://a.example/%d 192.0.2.7 20050102030405 text/html %d\n%s\n" % (number, len(block), block)
