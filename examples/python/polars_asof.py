# polars: which EMA was known at a trade? An as-of join
#
# The row of a day is known from its `ts` on, the last millisecond of the day. `backward` takes the newest row before.
import os
from datetime import datetime, timezone

import polars as pl
import psycopg

query = "select ts, ema from ema_series(900001, '1D', 21, '2025-12-01', '2025-12-31') order by ts"
with psycopg.connect(os.environ["TARGET_DB_URL"], options="-c timezone=UTC") as connection:
    rows = connection.execute(query).fetchall()
emas = pl.DataFrame(rows, schema={"ts": pl.Datetime("us", "UTC"), "ema": pl.Float64}, orient="row")

made_at = [datetime(2025, 12, 10, 14, tzinfo=timezone.utc), datetime(2025, 12, 11, tzinfo=timezone.utc)]
trades = pl.DataFrame({"made_at": made_at}, schema={"made_at": pl.Datetime("us", "UTC")})

joined = trades.join_asof(emas, left_on="made_at", right_on="ts", strategy="backward")
for time, ema, known in joined.select("made_at", "ema", "ts").iter_rows():
    print(time.isoformat(" "), f"{ema:.2f}", "of", known.date())

# Output:
# 2025-12-10 14:00:00+00:00 14364.36 of 2025-12-09
# 2025-12-11 00:00:00+00:00 14238.45 of 2025-12-10
