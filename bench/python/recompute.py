"""Every daily EMA of some assets, computed again with polars and written as one Parquet file an asset.

Usage: recompute.py DATABASE_URL DIR ASSETS. It reads 1D bars, and the closing days of calendar bars, from barwright's
tables, so it makes no bars. Prints how many values it wrote. Exits with 1 where a newest value is not barwright's.
"""
import sys

import numpy as np
import polars as pl
import psycopg

ALIGNMENTS_BY_ROWS = ("multi_tf", "v2")
TOLERANCE = 1e-9


def read(connection, sql, *values):
    return connection.execute(sql, values).fetchall()


def closings_of(series, days, closed):
    """Row numbers, from 0, of the days on which bars of a series closed."""
    alignment, tf, tf_days = series
    if alignment in ALIGNMENTS_BY_ROWS:
        return np.arange(tf_days - 1, len(days), tf_days)
    return np.searchsorted(days, np.array(closed.get((alignment, tf), []), dtype="datetime64[D]"))


def inputs_of(series, period, closes, closings):
    """Nothing before the first value, which is a mean (numbers.md), then the closes; None: no value yet."""
    alignment, _, tf_days = series
    if alignment == "v2":
        first = tf_days * period - 1
        seeds = closes[: first + 1]
    else:
        first = closings[period - 1] if len(closings) >= period else len(closes)
        seeds = closes[closings[:period]]
    if first >= len(closes):
        return None
    column = np.full(len(closes), np.nan)
    column[first:] = closes[first:]
    column[first] = seeds.mean()
    return pl.Series(column, nan_to_null=True)


def recompute(connection, asset, timeframes, periods, folder):
    rows = read(connection, "select (timestamp at time zone 'UTC')::date, close from cmc_price_bars_1d where id = %s order by bar_seq", asset)
    days = np.array([day for day, _ in rows], dtype="datetime64[D]")
    closes = np.array([close for _, close in rows])
    closed = {}
    for alignment, tf, day in read(connection, "select alignment::text, tf, last_day from price_bars where id = %s order by bar_seq", asset):
        closed.setdefault((alignment, tf), []).append(day)
    columns, emas = {}, []
    for series in timeframes:
        closings = closings_of(series, days, closed)
        for period in periods:
            column = inputs_of(series, period, closes, closings)
            if column is None:
                continue
            name = "/".join((series[0], series[1], str(period)))
            columns[name] = column
            emas.append(pl.col(name).ewm_mean(alpha=2 / (series[2] * period + 1), adjust=False, min_samples=1))
    frame = pl.DataFrame(columns).select(emas)
    frame.insert_column(0, pl.Series("day", days)).write_parquet(f"{folder}/{asset}.parquet")
    return frame


def count_differences(connection, asset, frame):
    """How many newest values of barwright are not in the last row; those that are missing count too."""
    last = frame.row(-1, named=True)
    newest = read(connection, "select alignment::text, tf, period, ema from ema_latest where id = %s", asset)
    known = (last.get(f"{alignment}/{tf}/{period}") for alignment, tf, period, _ in newest)
    wrong = sum(value is None or abs(value - ema) > TOLERANCE * abs(ema) for value, (*_, ema) in zip(known, newest))
    return wrong + abs(len(newest) - (frame.width - 1))


def main(url, folder, assets):
    with psycopg.connect(url) as connection:
        timeframes = read(connection, "select alignment::text, tf, tf_days from dim_timeframe")
        periods = [period for (period,) in read(connection, "select period from dim_period order by period")]
        values = differences = 0
        for asset in range(1, int(assets) + 1):
            frame = recompute(connection, asset, timeframes, periods, folder)
            values += frame.height * (frame.width - 1) - sum(frame.null_count().row(0))
            differences += count_differences(connection, asset, frame)
        print(values)
        sys.exit(1 if differences else 0)


main(*sys.argv[1:])
