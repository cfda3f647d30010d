# DuckDB: one query over the files of many assets
#
# A pattern reads all files as one table. The exported rows have the asset in `id`.
import subprocess

import duckdb

for asset in range(900001, 900005):
    options = ["--id", str(asset), "--tf", "1M_CAL", "--from", "2025-10-01", "--out", f"months-{asset}.csv"]
    subprocess.run(["barwright", "export", "bars", *options], check=True)

gains = duckdb.sql("""
  select id, round(100 * (arg_max(close, bar_seq) / arg_min(open, bar_seq) - 1), 1) as gain, count(*) as months
  from read_csv('months-*.csv') group by id order by gain desc""")
for asset, gain, months in gains.fetchall():
    print(asset, f"{gain:+.1f} % in {months} months")

# Output:
# 900003 +21.2 % in 3 months
# 900002 +13.7 % in 3 months
# 900004 +0.2 % in 3 months
# 900001 -38.2 % in 3 months
