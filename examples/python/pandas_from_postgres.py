# pandas: a series straight from the database
#
# COPY is the quickest way out of PostgreSQL. Times have the offset of the session's zone: parse them with utc=True.
import io
import os

import pandas as pd
import psycopg

query = """copy (
  select ts, ema from ema_series(900001, '1D', 21, '2025-12-25', '2025-12-31')
) to stdout (format csv, header)"""

with psycopg.connect(os.environ["TARGET_DB_URL"]) as connection, connection.cursor().copy(query) as copy:
    emas = pd.read_csv(io.BytesIO(b"".join(copy)))

emas["day"] = pd.to_datetime(emas["ts"], utc=True).dt.date
emas = emas.set_index("day")[["ema"]]
emas["change"] = emas["ema"].diff()
print(emas.round(3).to_string())

# Output:
#                   ema  change
# day
# 2025-12-25  14225.274     NaN
# 2025-12-26  14187.616 -37.658
# 2025-12-27  14194.750   7.134
# 2025-12-28  14214.985  20.235
# 2025-12-29  14177.317 -37.667
# 2025-12-30  14171.896  -5.422
# 2025-12-31  14154.290 -17.605
