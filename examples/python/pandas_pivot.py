# pandas: the newest EMAs of all assets as a table
#
# Rows come from a cursor; pandas asks for no other library then.
import os

import pandas as pd
import psycopg

query = """
  select a.symbol, l.period, l.ema
  from ema_latest l join dim_assets a on a.id = l.id
  where l.alignment = 'multi_tf' and l.tf = '1D' and l.period = any(%s)"""

with psycopg.connect(os.environ["TARGET_DB_URL"]) as connection:
    rows = connection.execute(query, [[21, 50, 200]]).fetchall()

emas = pd.DataFrame(rows, columns=["symbol", "period", "ema"])
print(emas.pivot(index="symbol", columns="period", values="ema").map("{:.5g}".format).to_string())

# Output:
# period           21          50          200
# symbol
# SAMPLE-A       14154       14796       17063
# SAMPLE-B      56.083      52.815      54.247
# SAMPLE-C     0.11041     0.11292     0.11717
# SAMPLE-D      0.9661     0.96408     0.96606
# SAMPLE-E      59.389       53.36       43.55
# SAMPLE-F      2.6041      2.6466      2.1796
# SAMPLE-G      2.2417      2.3863      2.7173
# SAMPLE-H  9.6412e-06  9.1253e-06  1.1867e-05
