# polars: on which days did the close cross its 50-day EMA?
import os

import polars as pl
import psycopg

query = """
  select e.day, b.close, e.ema
  from cmc_price_bars_1d b
  join lateral ema_series(b.id, '1D', 50, '2025-10-01', '2025-12-31') e on e.ts = b.time_close
  where b.id = 900003"""

with psycopg.connect(os.environ["TARGET_DB_URL"]) as connection:
    days = pl.read_database(query, connection).sort("day")

above = pl.col("close") > pl.col("ema")
crosses = days.with_columns(above.alias("above")).filter(above != above.shift(1))
for day, close, ema, is_above in crosses.iter_rows():
    print(day, "up  " if is_above else "down", f"{close:.6f} {ema:.6f}")

# Output:
# 2025-10-13 up   0.098029 0.097344
# 2025-10-14 down 0.089187 0.097024
# 2025-11-02 up   0.098144 0.091926
# 2025-12-07 down 0.113348 0.115703
# 2025-12-08 up   0.119240 0.115842
# 2025-12-10 down 0.114015 0.115776
# 2025-12-11 up   0.116827 0.115817
# 2025-12-12 down 0.111915 0.115664
# 2025-12-13 up   0.122845 0.115945
# 2025-12-19 down 0.109889 0.117030
# 2025-12-21 up   0.119204 0.116996
# 2025-12-22 down 0.109251 0.116693
