"""An independent verifier: makes every bar and EMA of a warehouse from its source rows, and prints the hashes of
docs/reference/verify.md. It was written from docs/reference/numbers.md and docs/reference/verify.md, and shares no code with barwright.

Needs Python 3.10 and the psycopg and numpy of test/python/requirements.txt. It reads source rows, kept days, splits,
timeframes, periods and how far each asset has come (cmc_price_bars_1d_state.last_src_ts), and writes nothing.

    python verifier/verify.py postgresql://... [--schema public] [--ids 1,52]
    barwright verify --json | python verifier/verify.py postgresql://... --against -
"""
import argparse
import hashlib
import json
import re
import struct
import sys
from bisect import bisect_left
from math import isfinite
from types import SimpleNamespace as Record

import psycopg

from rules import bars_of, daily_bars, emas_of

KERNEL_VERSION = 1
ALIGNMENTS = ["multi_tf", "cal_us", "cal_iso", "cal_anchor_us", "cal_anchor_iso", "v2"]
FIELDS = "timestamp time_open time_close time_high time_low open high low close volume market_cap load_ts".split()
SOURCE = "timestamp timeopen timeclose timehigh timelow open high low close volume marketcap load_ts".split()
KEPT = FIELDS[:-1] + ["src_load_ts"]
WATERMARK = "(select last_src_ts from cmc_price_bars_1d_state where id = %(id)s)"
SPLITS = f"""select day - date '1970-01-01', new_units, old_units, volume_in_units from dim_asset_split
    where id = %(id)s and day <= ({WATERMARK} at time zone 'UTC')::date"""


def read_rows(connection, table, names, asset):
    """Rows with times in microseconds and prices that are doubles or None: NaN and infinity are None, -0 is 0."""
    times = [f"case when isfinite({name}) then (extract(epoch from {name}) * 1000000)::bigint end" for name in names]
    columns = [times[at] if at < 5 or at == 11 else name for at, name in enumerate(names)]
    query = f"select {', '.join(columns)} from {table} where id = %(id)s and timestamp <= {WATERMARK}"
    for cells in connection.execute(query, {"id": asset}):
        row = Record(**dict(zip(FIELDS, cells)), kept=table == "price_kept")
        for name in FIELDS[5:11]:
            value = getattr(row, name)
            setattr(row, name, None if value is None or not isfinite(value) else value + 0.0)
        yield row


def read_daily_bars(connection, asset):
    rows = [row for table, names in (("cmc_price_histories7", SOURCE), ("price_kept", KEPT))
            for row in read_rows(connection, table, names, asset)]
    return daily_bars(rows, connection.execute(SPLITS, {"id": asset}).fetchall())


def encode(value):
    if value is None:
        return b"\x7f\xf8\0\0\0\0\0\1"
    if isinstance(value, list):
        return encode(len(value)) + b"".join(map(encode, value))
    return struct.pack(">d" if isinstance(value, float) else ">q", value)


def hash_tables(*tables):
    digest = hashlib.sha256()
    for rows in tables:
        digest.update(encode(len(rows)) + b"".join(encode(value) for row in rows for value in row))
    return digest.digest()


def hash_asset(connection, asset, timeframes, periods):
    """Name to hash of each series of an asset, in the order of docs/reference/verify.md."""
    daily = read_daily_bars(connection, asset)
    if not daily:
        return {}
    hashes = {"1d": hash_tables([
        (seq, bar.timestamp, bar.time_open, bar.time_close, bar.time_high, bar.time_low, bar.open, bar.high, bar.low,
         bar.close, bar.volume, bar.market_cap, *bar.flags) for seq, bar in enumerate(daily, 1)])}
    days, watermark, emas = [bar.day for bar in daily], daily[-1], {}
    for alignment in ALIGNMENTS:
        series = []
        for tf, nominal in timeframes.get(alignment, []):
            count, unit = re.match(r"(\d+)([DWMY])", tf).groups()
            if alignment == "v2" or tf == "1D":
                series.append((tf, nominal, [(row + 1, row, bar.close) for row, bar in enumerate(daily)]))
                continue
            bars, is_closed = bars_of(daily, alignment, int(count), unit)
            closed = bars if is_closed else bars[:-1]
            state = (watermark.day, closed[-1][0] if closed else 0, *((is_closed, *bars[-1]) if bars else [None] * 21))
            hashes[f"bars {alignment} {tf}"] = hash_tables(closed, [state])
            series.append((tf, nominal, [(bar[0], bisect_left(days, bar[2]), bar[17]) for bar in closed]))
        found, total = emas_of(daily, alignment, series, periods)
        emas[f"emas {alignment}"] = hash_tables([(
            watermark.day, watermark.time_close, len(daily), watermark.close, total, KERNEL_VERSION, periods, None)])
        emas[alignment] = {f"emas {alignment} {tf}": hash_tables(points, [state], [])
                           for tf, (points, state) in found.items()}
    hashes |= {name: value for name, value in emas.items() if name not in ALIGNMENTS}
    for alignment in ALIGNMENTS:
        hashes |= emas[alignment]
    return hashes


def compare(asset, ours, theirs):
    """Names of the series that differ."""
    theirs = {each["name"]: each["sha256"] for each in theirs["series"]}
    ours = {name: value.hex() for name, value in ours.items()}
    return [name for name in ours | theirs if ours.get(name) != theirs.get(name)]


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("url")
    parser.add_argument("--schema", default="public")
    parser.add_argument("--ids", help="such as 1,52; default: all that have bars")
    parser.add_argument("--against", help="what barwright verify --json printed; - for stdin")
    options = parser.parse_args()
    report = None
    if options.against:
        with sys.stdin if options.against == "-" else open(options.against, encoding="utf-8") as file:
            report = {each["id"]: each for each in json.load(file)["assets"]}
    with psycopg.connect(options.url, autocommit=True) as connection:
        connection.execute("select set_config('search_path', quote_ident(%s), false)", [options.schema])
        connection.execute("begin isolation level repeatable read, read only")
        timeframes = {}
        for alignment, tf, nominal in connection.execute(
                'select alignment::text, tf, tf_days from dim_timeframe order by tf collate "C"'):
            timeframes.setdefault(alignment, []).append((tf, nominal))
        periods = [period for (period,) in connection.execute("select period from dim_period order by period")]
        ids = [int(text) for text in options.ids.split(",")] if options.ids else sorted(report) if report else \
            [asset for (asset,) in connection.execute("select id from cmc_price_bars_1d_state order by id")]
        run, wrong = hashlib.sha256(), 0
        for asset in sorted(ids):
            hashes = hash_asset(connection, asset, timeframes, periods)
            digest = hashlib.sha256(b"".join(name.encode() + b"\n" + value for name, value in hashes.items()))
            run.update(encode(asset) + digest.digest())
            if report is None:
                print(f"{asset} sha256:{digest.hexdigest()}")
                for name, value in hashes.items():
                    print(f"    {name} sha256:{value.hex()}")
                continue
            differing = compare(asset, hashes, report[asset])
            wrong += len(differing) > 0
            print(f"[FAILED] {asset}: {len(differing)} of {len(hashes)} series differ: {', '.join(differing[:10])}"
                  if differing else f"[OK] {asset}: {len(hashes)} series, the same sha256:{digest.hexdigest()}")
        print(f"{len(ids)} assets sha256:{run.hexdigest()}")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
