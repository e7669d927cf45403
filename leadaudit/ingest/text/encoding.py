"""What the bytes of a text file say: encoding, byte order mark, line ends, odd bytes."""

from __future__ import annotations

import codecs
import io
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import BinaryIO

CHUNK_BYTES = 4 * 1024 * 1024
SAMPLE_BYTES = 256 * 1024

BOMS: tuple[tuple[bytes, str], ...] = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF32_LE, "utf-32-le"),  # before UTF-16: it begins with the same two bytes
    (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)

STRAY_BYTES = "leadaudit-stray-bytes"
"""Name of the decoding error handler: a byte that does not fit is read as Windows-1252."""

_LF, _CR = b"\n\r"
_UTF8_CHARACTER = re.compile(rb"[\xc2-\xdf][\x80-\xbf]|[\xe0-\xef][\x80-\xbf]{2}|[\xf0-\xf4][\x80-\xbf]{3}")
_HIGH_BYTE = re.compile(rb"[\x80-\xff]")
_HIGH_RUN = re.compile(rb"[\x80-\xff]+")

OpenBytes = Callable[[], BinaryIO]


def _read_stray(error: UnicodeError) -> tuple[str, int]:
    """Keep every byte: one stray byte must not cost a file its other million rows."""
    if not isinstance(error, UnicodeDecodeError):
        raise error
    stray = error.object[error.start : error.end]
    return "".join(_single(byte) for byte in stray), error.end


def _single(byte: int) -> str:
    try:
        return bytes((byte,)).decode("cp1252")
    except UnicodeDecodeError:
        return chr(byte)


codecs.register_error(STRAY_BYTES, _read_stray)


@dataclass(frozen=True)
class ByteSurvey:
    r"""What one pass over all bytes of a file found.

    Attributes
    ----------
    encoding : str
        Python codec name, without the ``-sig`` of a byte order mark.
    bom : bytes
        The byte order mark, or ``b""``.
    newline : str
        The most frequent line end: ``"\n"``, ``"\r\n"`` or ``"\r"``.
    newline_mixed : bool
        More than one kind of line end occurs (inside quoted cells included).
    line_count : int
        Physical lines.
    has_quote, has_null, stray : bool
        A double quote occurs; a NUL character occurs; some bytes do not fit the encoding.
    byte_count : int
        Size after unpacking.
    blank_lines_at_end : int
        Empty lines that end the file.
    """

    encoding: str
    bom: bytes
    newline: str
    newline_mixed: bool
    line_count: int
    has_quote: bool
    has_null: bool
    stray: bool
    byte_count: int
    blank_lines_at_end: int = 0


def survey_bytes(open_bytes: OpenBytes) -> ByteSurvey:
    """Read all bytes once and say what they are.

    Parameters
    ----------
    open_bytes : callable
        Opens the file for reading bytes; called once.

    Returns
    -------
    ByteSurvey
    """
    with open_bytes() as stream:
        head = stream.read(CHUNK_BYTES)
        bom, encoding = _bom_of(head)
        if not bom:
            encoding = _wide_without_bom(head)
        return _survey(stream, head, bom, encoding)


def _bom_of(head: bytes) -> tuple[bytes, str]:
    for bom, encoding in BOMS:
        if head.startswith(bom):
            return bom, encoding
    return b"", ""


def _wide_without_bom(head: bytes) -> str:
    """UTF-16 without a mark shows as a zero in every second byte."""
    part = head[:4096]
    half = len(part) // 2
    if half < 8:
        return ""
    even, odd = part[0::2].count(0), part[1::2].count(0)
    if odd > 0.6 * half and even < 0.1 * half:
        return "utf-16-le"
    if even > 0.6 * half and odd < 0.1 * half:
        return "utf-16-be"
    return ""


@dataclass
class _Counts:
    lf: int = 0
    cr: int = 0
    crlf: int = 0
    quote: int = 0
    null: int = 0
    size: int = 0
    last: bytes = b""
    tail: bytes = b""

    def add(self, chunk: bytes) -> None:
        import numpy as np  # compares many bytes at once: to count line ends takes a third of the time

        self.size += len(chunk)
        line_feeds = np.frombuffer(chunk, np.uint8) == _LF
        self.lf += int(np.count_nonzero(line_feeds))
        if b"\r" in chunk:
            returns = np.frombuffer(chunk, np.uint8) == _CR
            self.cr += int(np.count_nonzero(returns))
            self.crlf += int(np.count_nonzero(returns[:-1] & line_feeds[1:]))
        self.crlf += self.last == b"\r" and chunk[:1] == b"\n"
        self.quote += b'"' in chunk
        self.null += b"\0" in chunk
        self.last = chunk[-1:]
        self.tail = (self.tail + chunk[-4096:])[-4096:]


def _survey(stream: BinaryIO, head: bytes, bom: bytes, encoding: str) -> ByteSurvey:
    wide = encoding.startswith(("utf-16", "utf-32"))
    counts = _Counts()
    decoder = codecs.getincrementaldecoder("utf-8")()
    valid, non_ascii = True, bytearray()
    chunk = head[len(bom) :]
    unit = 4 if encoding.startswith("utf-32") else 2
    while chunk:
        if wide:
            kept = len(chunk) - len(chunk) % unit
            more = stream.read(unit - len(chunk) % unit) if len(chunk) % unit else b""
            chunk = chunk[:kept] + chunk[kept:] + more
            chunk = chunk.decode(encoding, errors="replace").encode("utf-8")
        counts.add(chunk)
        if not chunk.isascii():
            if len(non_ascii) < SAMPLE_BYTES:
                non_ascii += _around_high_bytes(chunk, SAMPLE_BYTES - len(non_ascii))
            if valid:
                valid = _still_utf8(decoder, chunk)
        elif valid and not _still_utf8(decoder, b"" if not decoder.getstate()[0] else chunk[:1]):
            valid = False
        chunk = stream.read(CHUNK_BYTES)
    if valid and decoder.getstate()[0]:
        valid = False  # the file was cut inside a character
    stray = not valid and not wide
    if not encoding or (encoding == "utf-8" and not valid):
        encoding = "utf-8" if valid else _legacy_encoding(bytes(non_ascii))
    return _conclude(counts, bom, encoding, stray)


def _still_utf8(decoder: codecs.IncrementalDecoder, chunk: bytes) -> bool:
    try:
        decoder.decode(chunk)
    except UnicodeDecodeError:
        return False
    return True


def _conclude(counts: _Counts, bom: bytes, encoding: str, stray: bool) -> ByteSurvey:
    only_lf, only_cr = counts.lf - counts.crlf, counts.cr - counts.crlf
    kinds = {"\r\n": counts.crlf, "\n": only_lf, "\r": only_cr}
    newline = max(kinds, key=lambda kind: kinds[kind]) if any(kinds.values()) else "\n"
    ends = sum(kinds.values())
    unfinished = counts.size > 0 and counts.last not in (b"\n", b"\r")
    return ByteSurvey(
        encoding=encoding,
        bom=bom,
        newline=newline,
        newline_mixed=sum(count > 0 for count in kinds.values()) > 1,
        line_count=ends + unfinished,
        has_quote=counts.quote > 0,
        has_null=counts.null > 0,
        stray=stray,
        byte_count=counts.size,
        blank_lines_at_end=_blank_lines_at_end(counts.tail),
    )


def _blank_lines_at_end(tail: bytes) -> int:
    ends = tail[len(tail.rstrip(b"\r\n")) :]
    return max(0, len(re.findall(rb"\r\n|\r|\n", ends)) - 1)


def _around_high_bytes(chunk: bytes, limit: int) -> bytes:
    """Lines that hold bytes beyond ASCII; the others say nothing about the encoding."""
    found = bytearray()
    at = 0
    while len(found) < limit:
        high = _HIGH_BYTE.search(chunk, at)
        if high is None:
            break
        start = max(chunk.rfind(b"\n", 0, high.start()) + 1, high.start() - 200, at)
        end = chunk.find(b"\n", high.end())
        end = min(end + 1 if end >= 0 else len(chunk), high.end() + 2000)
        found += chunk[start:end] + b"\n"
        at = end
    return bytes(found[:limit])


def _legacy_encoding(sample: bytes) -> str:
    """The likeliest encoding of a file that is not clean UTF-8."""
    high_count = len(_HIGH_BYTE.findall(sample))
    utf8_bytes = sum(len(found) for found in _UTF8_CHARACTER.findall(sample))
    if high_count and utf8_bytes >= 0.75 * high_count:
        return "utf-8"  # a few stray bytes in an otherwise honest file
    east_asian = _east_asian(sample, high_count)
    if east_asian:
        return east_asian
    runs = _HIGH_RUN.findall(sample)
    in_words = sum(len(run) for run in runs if len(run) >= 3)
    if high_count and in_words > 0.6 * high_count:
        return _best(sample, ("cp1251", "koi8-r", "cp866"), _cyrillic_score)
    return _best(sample, ("cp1252", "mac-roman", "cp850", "cp1250"), _western_score)


def _east_asian(sample: bytes, high_count: int) -> str:
    """A multi-byte encoding, when the text decodes without fault into common characters."""
    if high_count < 8:
        return ""
    best, best_share = "", 0.9
    for encoding in ("cp932", "euc_jp", "gb18030", "big5", "euc_kr"):
        try:
            text = sample.rstrip(b"\n").decode(encoding, errors="strict")
        except UnicodeDecodeError:
            text = sample.decode(encoding, errors="replace")
            if text.count("\ufffd") > 0.01 * high_count:
                continue
        foreign = [char for char in text if ord(char) > 127]
        usual = sum(_usual_east_asian(char) for char in foreign)
        share = usual / max(1, len(foreign))
        if share > best_share:
            best, best_share = encoding, share
    return best


def _usual_east_asian(char: str) -> bool:
    code = ord(char)
    if 0x4E00 <= code <= 0x9FA5:
        # the common characters were given the first places of each national standard
        return _in_first_level(char)
    return 0x3000 <= code <= 0x30FF or 0xAC00 <= code <= 0xD7A3 or 0xFF01 <= code <= 0xFF5E


def _in_first_level(char: str) -> bool:
    try:
        lead = char.encode("gb2312")[0]
    except UnicodeEncodeError:
        try:
            return char.encode("cp932")[0] < 0x98
        except UnicodeEncodeError:
            return False
    return lead <= 0xD7


def _best(sample: bytes, encodings: tuple[str, ...], score: Callable[[str], float]) -> str:
    """The encoding whose text scores highest; the first of equals."""
    scores = {name: score(sample.decode(name, errors=STRAY_BYTES)) for name in encodings}
    return max(encodings, key=lambda name: scores[name])


def _cyrillic_score(text: str) -> float:
    letters = [char for char in text if "\u0400" <= char <= "\u04ff"]
    lower = sum(char.islower() for char in letters)
    frequent = sum(char in "оеаинтсрвл" for char in letters)
    other = sum(ord(char) > 127 and not "\u0400" <= char <= "\u04ff" for char in text)
    return lower + frequent - 2 * other


_USUAL_LETTERS = frozenset("äöüßÄÖÜéèêëàâáãåçñóòôõøíìîïúùûœæÉÀÇÑÅØ")
_USUAL_SIGNS = frozenset("€–—’‘“”„…°§²³½µ®©«»·\xa0×±£")


def _western_score(text: str) -> float:
    """Letters belong into words; signs do not."""
    score = 0.0
    padded = f" {text} "
    for match in re.finditer(r"[^\x00-\x7f]", padded):
        at = match.start()
        char, in_word = padded[at], padded[at - 1].isalpha() or padded[at + 1].isalpha()
        if char in _USUAL_LETTERS:
            score += 1.0 if in_word else 0.2
        elif char in _USUAL_SIGNS:
            between = padded[at - 1].isalpha() and padded[at + 1].isalpha()
            score += -0.5 if between and char not in "’–·\xa0" else 0.5
        elif char.isalpha():
            score += 0.3 if in_word and char.islower() else 0.0
        else:
            score -= 0.5
    return score


def open_text(open_bytes: OpenBytes, survey: ByteSurvey) -> io.TextIOWrapper:
    """Open a surveyed file as text, its line ends untouched and its byte order mark gone."""
    stream = open_bytes()
    if survey.bom:
        stream.read(len(survey.bom))
    return io.TextIOWrapper(stream, encoding=survey.encoding, errors=STRAY_BYTES, newline="")


def transcoded(open_bytes: OpenBytes, survey: ByteSurvey) -> Iterator[bytes]:
    """Yield the file as UTF-8 in pieces of about a megabyte."""
    with open_text(open_bytes, survey) as text:
        while piece := text.read(1024 * 1024):
            yield piece.encode("utf-8", errors="replace")
