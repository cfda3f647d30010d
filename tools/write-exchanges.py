"""Writes src/domain/calendar/exchange-table.ts: the days on which exchanges are closed, from PyPI's exchange_calendars.

    python3 -m venv DIR && DIR/bin/pip install exchange_calendars && DIR/bin/python tools/write-exchanges.py

`--print MIC,FROM,TO ...` prints sessions instead, one a line: the test of the table reads that.
"""

import sys
import warnings
from pathlib import Path

import exchange_calendars
import pandas

warnings.simplefilter("ignore")

FIRST = pandas.Timestamp("1990-01-01")
# Holidays that follow from rules are known this far ahead. Exchanges that announce them year by year are cut below.
LAST = pandas.Timestamp("2030-12-31")
ANNOUNCED = pandas.Timestamp("2026-12-31")
WEEKDAYS = "1111100"

BY_RULE = (
    "XNYS XTSE BVMF XMEX XLON XPAR XAMS XBRU XLIS XDUB XMIL XMAD XETR XFRA XSWX XWBO XSTO XCSE XHEL XOSL XWAR XPRA "
    "XJSE XTKS XHKG XASX XNZE CMES"
).split()
BY_ANNOUNCEMENT = "XKRX XTAI XSHG XBOM XSES XBKK XKLS XIST".split()
# Venues that close on the same days.
SAME = {"XNAS": "XNYS", "XASE": "XNYS", "ARCX": "XNYS", "BATS": "XNYS", "XTSX": "XTSE", "XSHE": "XSHG", "XNSE": "XBOM"}


def sessions_of(mic, first, last):
    factory = exchange_calendars.calendar_utils.global_calendar_dispatcher._calendar_factories[mic]
    first = max(first, factory.bound_min() or first)
    last = min(last, factory.bound_max() or last)
    return first, last, exchange_calendars.get_calendar(mic, start=first, end=last).sessions


def encode(days):
    """Differences from day to day in base 36, the first from 1970-01-01."""
    words, before = [], 0
    for day in days:
        words.append(base36(day - before))
        before = day
    return " ".join(words)


def base36(number):
    digits = ""
    while True:
        digits = "0123456789abcdefghijklmnopqrstuvwxyz"[number % 36] + digits
        number //= 36
        if number == 0:
            return digits


def day_of(stamp):
    return (stamp - pandas.Timestamp("1970-01-01")).days


def table():
    rows, seen = [], {}
    for mic in BY_RULE + BY_ANNOUNCEMENT:
        first, last, sessions = sessions_of(mic, FIRST, LAST if mic in BY_RULE else ANNOUNCED)
        everyday = pandas.date_range(first, last)
        working = everyday[[WEEKDAYS[day.dayofweek] == "1" for day in everyday]]
        closed = encode(day_of(day) for day in working.difference(sessions))
        opened = encode(day_of(day) for day in sessions.difference(working))
        key = (str(first.date()), str(last.date()), closed, opened)
        rows.append((mic, *key) if key not in seen else (mic, seen[key]))
        seen.setdefault(key, mic)
    return sorted(rows + list(SAME.items()))


def main():
    if sys.argv[1:2] == ["--print"]:
        for span in sys.argv[2:]:
            mic, first, last = span.split(",")
            for session in sessions_of(SAME.get(mic, mic), pandas.Timestamp(first), pandas.Timestamp(last))[2]:
                print(mic, session.date())
        return
    lines = [
        "/**",
        f" * Made by tools/write-exchanges.py from exchange_calendars {exchange_calendars.__version__}; never edited by hand.",
        " * MIC, first and last day that is known, days from Monday to Friday without a session, sessions at weekends. Days are",
        " * differences from one to the next in base 36, the first from 1970-01-01. A MIC alone: closed on the same days.",
        " */",
        "export const EXCHANGE_TABLE: readonly (readonly string[])[] = [",
    ]
    for row in table():
        lines.append("  [" + ", ".join(f"'{cell}'" for cell in row) + "],")
    lines.append("];")
    Path(__file__).parent.parent.joinpath("src/domain/calendar/exchange-table.ts").write_text("\n".join(lines) + "\n")


main()
