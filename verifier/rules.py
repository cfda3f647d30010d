"""The rules of docs/reference/numbers.md: source rows to 1D bars, to bars of a timeframe, to EMAs. No database here.

Sums go through accumulate: sum() and numpy.sum() add in another order, or with a correction."""
from bisect import bisect_right
from datetime import date
from fractions import Fraction
from itertools import accumulate
from operator import attrgetter

import numpy

DAY_US = 86_400_000_000
HOUR_US = 3_600_000_000
FIRST_WEEKDAY = {"us": 3, "iso": 4}  # Sunday 1970-01-04, Monday 1970-01-05


# --- Source rows to 1D bars

def accept(row):
    """The row with the bounds of its day, or None where it is refused."""
    if None in (row.open, row.close, row.time_open, row.time_close) or row.time_open > row.time_close:
        return None
    row.day, row.given = row.timestamp // DAY_US, (row.high, row.low)
    start, end = row.day * DAY_US, (row.day + 1) * DAY_US
    close = end - 1000 if row.time_close == end else row.time_close
    if row.time_open == row.time_close and row.time_open // DAY_US == row.day:
        row.time_open, row.time_close = start, end - 1000
    elif start <= row.time_open and close < end and close - row.time_open >= 23 * HOUR_US - 1_000_000:
        row.time_close = close
    elif not row.kept:
        return None
    return None if any(price is not None and price <= 0 for price in (row.open, row.high, row.low, row.close)) else row


def repair(row):
    bounds, up, down = (row.time_open, row.time_close), row.close >= row.open, row.close <= row.open
    is_bad = [time is not None and not bounds[0] <= time <= bounds[1] for time in (row.time_high, row.time_low)]
    high = max(row.open, row.close) if is_bad[0] else row.high
    low = min(row.open, row.close) if is_bad[1] else row.low
    if is_bad[0] or row.time_high is None:
        row.time_high = bounds[up]
    if is_bad[1] or row.time_low is None:
        row.time_low = bounds[down]
    known = [price for price in (high, row.open, row.close, low) if price is not None]
    row.high, row.low = max(known), min(known)
    row.flags = (*is_bad, row.high != row.given[0], row.low != row.given[1])
    if row.volume is not None and row.volume < 0:
        row.volume = None


def daily_bars(rows, splits):
    """1D bars by day, of rows in any order. splits: (first day of the new unit, new units, old units, volume too)."""
    rows = [row for row in rows if accept(row) is not None]
    # Of the rows of one day the last one wins; a kept one loses to any.
    rows.sort(key=lambda row: (row.day, not row.kept, row.timestamp, row.load_ts is not None, row.load_ts or 0))
    bars = list({row.day: row for row in rows}.values())
    for bar in bars:
        repair(bar)
        price = volume = Fraction(1)
        for day, new, old, in_units in splits:
            if bar.day < day:
                price, volume = price * old / new, volume * (Fraction(new, old) if in_units else 1)
        for name in ("open", "high", "low", "close"):
            setattr(bar, name, getattr(bar, name) * float(price.numerator) / float(price.denominator))
        if bar.volume is not None:
            bar.volume = bar.volume * float(volume.numerator) / float(volume.denominator)
    return bars


# --- Bars of the timeframes

def first_of_month(month):
    return date(month // 12, month % 12 + 1, 1).toordinal() - 719_163


def month_of(day):
    found = date.fromordinal(day + 719_163)
    return found.year * 12 + found.month - 1


def window_of(day, first, alignment, count, unit):
    """Number, first and last day of the calendar window of a day; None before the first one."""
    is_anchored, week = "anchor" in alignment, FIRST_WEEKDAY[alignment.split("_")[-1]]
    if unit == "W":
        size, position, at = 7 * count, day, lambda start: start
        origin = week if is_anchored else first + (week - first) % 7
    else:
        size, position, at = (12 if unit == "Y" else 1) * count, month_of(day), first_of_month
        unit_size, before = (12 if unit == "Y" else 1), month_of(first - 1)
        origin = 0 if is_anchored else (before // unit_size + 1) * unit_size
    number = (position - origin) // size
    base = ((first if unit == "W" else month_of(first)) - origin) // size if is_anchored else 0
    start = origin + number * size
    return None if number < base else (number - base + 1, at(start), at(start + size) - 1)


def groups_of(days, alignment, count, unit):
    """Windows with rows: number, rows from-to, first and last day of the window, length."""
    row = 0
    while row < len(days):
        if alignment == "multi_tf":
            yield row // count + 1, row, min(row + count, len(days)), days[row], None, count
            row += count
            continue
        window = window_of(days[row], days[0], alignment, count, unit)
        if window is None:
            row += 1
            continue
        number, start, end = window
        after = bisect_right(days, end)
        yield number, row, after, start, end, end - start + 1
        row = after


def bars_of(daily, alignment, count, unit):
    """Rows of price_bars, the open bar too; and whether the last one is closed."""
    days = [bar.day for bar in daily]
    found, is_closed = [], False
    for number, start, end, window_start, window_end, length in groups_of(days, alignment, count, unit):
        part = daily[start:end]
        since, last, is_rolling = max(window_start, days[0]), days[end - 1], window_end is None
        highest, lowest = max(part, key=attrgetter("high")), min(part, key=attrgetter("low"))
        missing = last - since + 1 - len(part)
        first_missing = last_missing = None
        if missing > 0:
            edges = [since - 1, *days[start:end]]
            gaps = [at for at in range(1, len(edges)) if edges[at] > edges[at - 1] + 1]
            first_missing, last_missing = edges[gaps[0] - 1] + 1, edges[gaps[-1]] - 1
        *_, volume = accumulate((bar.volume or 0.0 for bar in part), initial=0.0)
        caps = [bar.market_cap for bar in part if bar.market_cap is not None]
        is_closed = end < len(days) or (len(part) == count if is_rolling else last == window_end)
        found.append((
            number, part[0].day, last, length, len(part), missing,
            count - len(part) if is_rolling else window_end - last, first_missing, last_missing, "anchor" in alignment and days[0] > window_start, part[0].time_open,
            part[-1].time_close, highest.time_high, lowest.time_low, part[0].open, highest.high, lowest.low,
            part[-1].close, volume, caps[-1] if caps else None))
    return found, is_closed


# --- EMAs

def core_emas(inputs, periods):
    """After each input: the EMA of every period that has begun, ascending."""
    values, total = [], 0.0
    for number, value in enumerate(inputs, 1):
        total += value
        for at in range(len(values)):
            alpha = 2 / (periods[at] + 1)
            values[at] = alpha * value + (1 - alpha) * values[at]
        if len(values) < len(periods) and periods[len(values)] == number:
            values.append(total / number)
        yield list(values)


def chains(closes, lengths, starts, wanted):
    """Chains e = a x + (1 - a) e over daily closes, side by side, one for each length: a = 2 / (length + 1).
    starts: chain to (row, first value). wanted: row to slices of chains; yields (row, slice, values begun)."""
    alpha = 2 / (numpy.array(lengths, dtype=float) + 1)
    rest, values = 1 - alpha, numpy.full(len(lengths), numpy.nan)
    begins = {}
    for chain, (row, value) in starts.items():
        begins.setdefault(row, []).append((chain, value))
    for row, close in enumerate(closes):
        values = alpha * close + rest * values
        for chain, value in begins.get(row, []):
            values[chain] = value
        for part in wanted.get(row, []):
            yield row, part, [value for value in values[part].tolist() if value == value]


def emas_of(daily, alignment, series, periods):
    """By timeframe: rows of ema_points, and the row of ema_state where there is one.
    series: (timeframe, nominal days, closing days as (bar_seq, row, close)); for v2 the last is not used."""
    closes, size = [bar.close for bar in daily], len(periods)
    sums = list(accumulate(closes, initial=0.0))
    lengths, starts, wanted, inputs = [], {}, {}, {}
    for at, (tf, nominal, closings) in enumerate(series):
        part = slice(at * size, (at + 1) * size)
        lengths += [nominal * period for period in periods]
        if alignment == "v2":
            horizons = [nominal * period for period in periods]
            step = nominal * -(-28 // nominal)
            closings = [(row // nominal, row - 1, None) for row in range(nominal, len(closes) + 1, nominal)
                        if row >= horizons[0] and (row % step == 0 or row in horizons)]
            begun = {row: (row - 1, sums[row] / row) for row in horizons if row <= len(closes)}
            starts |= {at * size + number: begun[row] for number, row in enumerate(horizons) if row in begun}
            inputs[tf] = (closings, None)
        else:
            bars = list(core_emas([close for _, _, close in closings], periods))
            for number, period in enumerate(periods):
                if period <= len(closings):
                    starts[at * size + number] = (closings[period - 1][1], bars[period - 1][number])
            inputs[tf] = (closings, bars)
        for row in {row for _, row, _ in closings} | {len(closes) - 1}:
            wanted.setdefault(row, []).append(part)
    values = {(row, part.start // size): found for row, part, found in chains(closes, lengths, starts, wanted)}
    result = {}
    for at, (tf, _, _) in enumerate(series):
        closings, bars = inputs[tf]
        points = [(seq, daily[row].day, values[row, at], bars[number] if bars and tf != "1D" else None)
                  for number, (seq, row, _) in enumerate(closings) if values[row, at]]
        if not closings:
            continue
        seq, row, _ = closings[-1]
        *_, total = accumulate((close for _, _, close in closings), initial=0.0) if bars else [0.0]
        state = (len(closings) if bars else len(closes), seq, daily[row].day, total, values[len(closes) - 1, at],
                 bars[-1] if bars else [])
        result[tf] = points, state
    return result, sums[-1]
