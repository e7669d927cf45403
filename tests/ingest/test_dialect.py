"""Delimiters, quotes and escapes of texts as they are found in the wild."""

from __future__ import annotations

import random

import pytest

from leadaudit.ingest.text.dialect import detect_syntax

DRAW = random.Random(3)
WORDS = ["alpha", "beta", "gamma", "delta", "omega", "city", "council", "fox", "dog", "open"]


def word() -> str:
    return DRAW.choice(WORDS)


def text(least: int = 2, most: int = 9) -> str:
    return " ".join(word() for _ in range(DRAW.randint(least, most))).capitalize()


def lines(make, count: int = 25, head: str = "") -> str:
    return head + "".join(make(number) + "\n" for number in range(count))


SAMPLES = {
    "account file": (":", lines(lambda n: f"{word()}:x:{n}:{n}:{text()}:/home/{word()}:/bin/bash")),
    "word list with quotes": (
        "\t",
        lines(lambda n: f"{[word(), chr(34), ',', ';', chr(39)][n % 5]}\t{DRAW.randint(1, 999)}"),
    ),
    "numbers between blanks": (" ", lines(lambda _: " ".join(f"{DRAW.random():.3f}" for _ in range(5)))),
    "decimal commas": ("\t", lines(lambda _: "\t".join(f"{DRAW.random():.3f}".replace(".", ",") for _ in range(3)))),
    "German amounts": (
        ";",
        lines(lambda n: f"{n};1.{DRAW.randint(100, 999)},50 €;{text()}, {word()}", head="Nr;Betrag;Text\n"),
    ),
    "tab with prose": (
        "\t",
        lines(lambda n: f'{n}\t{text()}, {text()}; "{word()}" don\'t\t{n % 2}', head="id\ttext\tlabel\n"),
    ),
    "lists by semicolon": (
        ",",
        lines(lambda n: f"{n},{word()};{word()};{word()},{DRAW.randint(0, 99)}", head="id,tags,n\n"),
    ),
    "lists by comma": (
        ";",
        lines(lambda n: f"{n};{word()},{word()},{word()};{DRAW.randint(0, 99)}", head="id;tags;n\n"),
    ),
    "JSON in cells": (",", lines(lambda n: f'{n},"{{""a"": {n}, ""b"": [1, 2, 3]}}",{n % 2}', head="id,json,n\n")),
    "escaped JSON": (",", lines(lambda n: f'{n},"{{\\"a\\": {n}, \\"b\\": [1, 2]}}",{n % 2}', head="id,json,n\n")),
    "apostrophes": (",", lines(lambda n: f"{n},O'Neill's {word()},'{word()}',it's")),
    "market baskets": (",", lines(lambda _: ",".join(str(DRAW.randint(1, 99)) for _ in range(DRAW.randint(2, 9))))),
    "mostly empty": (",", lines(lambda n: f"{n},,,,,{'x' if n % 3 else ''}", head="a,b,c,d,e,f\n")),
    "published spending": (
        ",",
        "Spend over 25k,,,,\nMay 2026,,,,\n,,,,\nDate,Dept,Supplier,Amount,Notes\n"
        + lines(
            lambda n: (
                f'{n % 28 + 1:02d}/05/2026,{word()},{text()},"£{DRAW.randint(1, 99)},{DRAW.randint(100, 999)}.00",'
            )
        )
        + ",,,,\n" * 3,
    ),
    "database output": (
        "|",
        " id | name | v \n----+------+---\n" + lines(lambda n: f"  {n} | {text()} | {DRAW.randint(0, 99)}"),
    ),
    "section sign": ("§", lines(lambda n: f"{n}§{text()}, {word()}§{DRAW.random():.2f}")),
    "one row": (",", "a,b,c,d\n"),
    "counts between colons": (":", lines(lambda n: f"{n + 30}:{DRAW.randint(60, 99)}", head="chest:count\n")),
    "values between colons": (":", lines(lambda n: f"{n}:{n * 7}:{word()}:{n % 3}", head=":game:month:goals\n")),
    "names of a kind": ("", lines(lambda n: f"crm:{n + 10}")),
    "results below one name": ("", lines(lambda n: f"{n % 4}:{n % 3}", head="result\n")),
    "two columns of numbers, one without a name": ("\t", lines(lambda n: f"{n + 31}\t{n + 220}", head="\ttemp\n")),
    "one row with quotes": ("#", '"AL"#"ESC"#"4041"\n'),
    "one row of anything": ("", "secret#_%word\n"),
    "coordinates": (",", lines(lambda _: f"{DRAW.uniform(-90, 90):.5f},{DRAW.uniform(-90, 90):.5f}")),
    "clock times": ("", lines(lambda _: f"{DRAW.randint(10, 23)}:{DRAW.randint(10, 59)}:{DRAW.randint(10, 59)}")),
    "moments": (
        "",
        lines(lambda _: f"2026-0{DRAW.randint(1, 9)}-{DRAW.randint(10, 28)} {DRAW.randint(10, 23)}:30:00", head="at\n"),
    ),
    "days": ("", lines(lambda _: f"2026-0{DRAW.randint(1, 9)}-{DRAW.randint(10, 28)}")),
    "decimals with comma": ("", lines(lambda _: f"{DRAW.random() * 100:.4f}".replace(".", ","), head="wert\n")),
    "links": ("", lines(lambda n: f"https://example.com/{word()}?id={n}&q={word()}")),
    "mail addresses": ("", lines(lambda _: f"{word()}.{word()}@example.com")),
    "full names": ("", lines(lambda _: f"{word().title()} {word().title()}")),
    "phone numbers": ("", lines(lambda _: f"+49 {DRAW.randint(100, 999)} {DRAW.randint(10000, 99999)}")),
    "one name above amounts": (
        "",
        lines(lambda _: f"{DRAW.randint(1, 9)},{DRAW.randint(100, 999)},{DRAW.randint(100, 999)}", head="amount\n"),
    ),
    "one name above German decimals": (
        "",
        lines(lambda _: f"{DRAW.randint(1, 999)},{DRAW.randint(10, 99)}", head="betrag\n"),
    ),
    "amounts in dollars between blanks": (
        " ",
        lines(lambda n: f'{n} ${DRAW.randint(1, 99)}.50 "{text()}" "{word()}"'),
    ),
    "remarks between tables": (
        ",",
        "# dump of 2026\n#\n# people\n#\nid,name\n1,Ada\n#\n# teams\n#\nid,name,city\n1,A,Graz\n2,B,Wien\n#\n# nothing\n#\n",
    ),
    "aligned columns below a title": (
        " ",
        "4\nmeasured values\n" + lines(lambda n: f"H  {n * 0.37:12.6f}    {1 - n * 0.11:12.6f}", count=6),
    ),
    "blanks between values with commas": (
        " ",
        lines(
            lambda n: (
                f"P-{n} Fox{chr(44) * (n % 4 > 0)}-{word()} {word()} {DRAW.randint(10, 99)},{DRAW.randint(10, 99)} {n}-%"
            ),
            head="no account stage amount chance\n",
        ),
    ),
    "HTML in quoted cells": (
        ",",
        lines(lambda n: f'{n},"<p class=""x"">{text()}, <b>{word()}</b>; &nbsp;</p>",{DRAW.randint(1, 9)}'),
    ),
}

QUOTES = {
    "one column in apostrophes": (
        "'",
        lines(lambda n: f"S{n},{text()},'0{n % 9}/10',{DRAW.randint(1, 9)}", head="a,b,c,d\n"),
    ),
    "quotes only within texts": ('"', lines(lambda n: f'{n}|{text()} "{word()}" {word()}|{text()}')),
    "a header in apostrophes": (
        "'",
        lines(lambda n: f"{n}.0\t{n * 2}.0\t{n * 3}.0", head="Report 2026\n'one'\t'two'\t'three'\n"),
    ),
    "five rows whose names are in apostrophes": ("'", lines(lambda n: f"'{word()}':{n}.0:{n * 90}.0:11.0", count=5)),
    "one column in apostrophes throughout": ("'", lines(lambda n: f"'{n}'")),
    "lines within apostrophes": (
        "'",
        lines(lambda n: f"{n};" + ("'first\nsecond'" if n % 3 else "none") + f";{word()}", head="a;b;c\n"),
    ),
    "quotes that are all escaped": (
        '"',
        lines(
            lambda n: f'{n}^{{\\"a\\": 1, \\"b\\": [2]}}^{word()}' if n % 2 else f"{n}^none^{word()}", head="a^b^c\n"
        ),
    ),
    "apostrophes around texts with commas": (
        "'",
        lines(lambda n: f"  {n} # '{n} {word()} road' # ' {word()}, ab 0{1000 + n}'"),
    ),
    "lines that end in a carriage return": (
        '"',
        lines(lambda n: f'{word()},https://example.com/a?b={n}&c,"a, b and c"').replace("\n", "\r"),
    ),
    "quotes that never close": ("", lines(lambda n: f'{n}\t"{text()}\t{DRAW.randint(1, 99)}')),
    "one quote that never closes": (
        '"',
        lines(lambda n: f"{n},{chr(34) * (n == 7)}{text()},{DRAW.randint(1, 99)}", head="a,b,c\n"),
    ),
}


@pytest.mark.parametrize(("delimiter", "sample"), SAMPLES.values(), ids=SAMPLES.keys())
def test_the_delimiter_is_found(delimiter: str, sample: str) -> None:
    """Of files as people publish them."""
    assert detect_syntax(sample).delimiter == delimiter


@pytest.mark.parametrize(("quote", "sample"), QUOTES.values(), ids=QUOTES.keys())
def test_the_quote_is_found(quote: str, sample: str) -> None:
    """Named where it encloses cells, and where naming it does no harm."""
    assert detect_syntax(sample).quotechar == quote


def test_quotes_and_escapes_are_found_where_they_are() -> None:
    """Apostrophes quote only what needs quoting; backslashes escape only before quotes."""
    quoted = detect_syntax(lines(lambda n: f"{n},'{text()}, it''s {word()}',NULL"))
    assert (quoted.delimiter, quoted.quotechar) == (",", "'")
    names = detect_syntax(lines(lambda n: f"{n},O'Neill,D'Angelo,{word()}"))
    assert (names.quotechar, names.escapechar) == ('"', None)
    escaped = detect_syntax(lines(lambda n: f'{n},"{word()} \\"{word()}\\", {word()}"'))
    assert (escaped.quotechar, escaped.escapechar) == ('"', "\\")
    contracted = detect_syntax(
        lines(lambda n: f"{n},'{text()}, {word()}','{text()} won't, can't{chr(92) * (n == 3)}'s, isn't',{word()}")
    )
    assert (contracted.quotechar, contracted.escapechar) == ("'", None)
    between_blanks = detect_syntax(
        lines(lambda n: f'"{word()}" {n}.5 "a 12\\" {word()}" {n}' if n % 3 else f'"{word()}" {n}.5 "ok" {n}')
    )
    assert (between_blanks.delimiter, between_blanks.escapechar) == (" ", "\\")
    paths = detect_syntax(lines(lambda n: f'{n},"C:\\{word()}\\{word()}, old"'))
    assert paths.escapechar is None


def test_blanks_after_delimiters_belong_to_them() -> None:
    """`1.0, 2.0, 3.0` has no blanks in its cells."""
    syntax = detect_syntax("x, y, z\n" + lines(lambda _: ", ".join(f"{DRAW.random():.3f}" for _ in range(3))))
    assert (syntax.delimiter, syntax.skip_initial_space) == (",", True)
